"""The verb `speed`."""

import json

import pytest

from benchmark.cli import main
from benchmark.speed import comparison, comparisons, executors, noise

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for module, name, value in (
        (comparison, "BUDGET", 0.0),
        (noise, "CLIPS", 14),
        (noise, "EPOCHS", 1),
        (executors, "TASKS", [0]),
        (executors, "ROUNDS", 1),
    ):
        monkeypatch.setattr(module, name, value)
    monkeypatch.setattr(executors, "find_spec", lambda _name: None)  # a cluster takes seconds to start


def test_the_verb_tells_people_and_programs(capsys):
    asked = ["speed", "--model", "small-cnn", "--model", "prior", "--device", "cpu"]
    assert main.main([*asked, "--only", "stack"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "stack, on" in out
    assert "small-cnn" in out
    assert main.main([*asked, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in document] == [one.name for one in comparisons.ALL if one.default]
    for one in document:
        subjects = ["small-cnn"] if one["name"] != "executors" else ["a slot", "a slot, a process a task"]
        assert [row["subject"] for row in one["rows"]] == subjects
        for row in one["rows"]:
            assert row["ratio"] == pytest.approx(row["other"] / row["ours"])


def test_an_unknown_comparison_is_a_wrong_request(capsys):
    assert main.main(["speed", "--only", "walk"]) == 2
    names = "fit or stack or executors or features or memory or second-run or site"
    assert f"--only walk: there is no such comparison. Name {names}." in capsys.readouterr().err
