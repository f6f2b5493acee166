"""What a node is asked before it does tasks of a run."""

import node_tasks
import pytest

from benchmark.compute import node
from benchmark.compute.node import CODE, Badge


@pytest.fixture
def code(tmp_path, monkeypatch):
    """The file that stands for the project's code on a node that has just begun."""
    monkeypatch.setattr(node, "_here", node._Here())
    path = tmp_path / "code"
    path.write_text("first")
    return path


def unfit(code, **facts):
    """Why the node cannot take part in a run that has these facts."""
    return node._unfit(Badge("a", node_tasks.look, code, tuple(facts.items())))


def test_the_part_that_differs_is_named(code):
    assert unfit(code, **{CODE: "first", "the model toy": ""}) == ""
    assert unfit(code, **{CODE: "other"}) == "the project's code is first, the run's is other."
    assert unfit(code, numpy="2.4.6") == "numpy is not there, the run's is 2.4.6."


def test_what_a_node_lacks_is_named(code):
    assert unfit(code.with_name("gone")).endswith("gone: is not here.")


def test_code_that_was_edited_since_the_node_began(code):
    """Its worker processes are forked from one that has loaded the old."""
    assert unfit(code, **{CODE: "first"}) == ""
    code.write_text("second")
    assert unfit(code, **{CODE: "second"}) == (
        "the project's code was changed since this node began. Start it again."
    )
