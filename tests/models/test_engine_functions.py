"""A function, class, method or constant of the engine that has been replaced is named, and nothing new."""

import sys
from types import ModuleType

import pytest

from benchmark.models import engine_functions, plugins
from benchmark.records import states
from benchmark.scores import metrics
from benchmark.storage import canonical
from benchmark.training import study
from protocols.corpora import Corpus
from protocols.errors import PluginError


@pytest.mark.parametrize(
    ("owner", "name", "found"),
    [
        (metrics, "uar", "benchmark.scores.metrics.uar"),
        (study, "search", "benchmark.training.study.search"),
        (states, "state", "benchmark.records.states.state"),
        (canonical, "digest", "benchmark.storage.canonical.digest"),
        (study, "ROUND", "benchmark.training.study.ROUND"),
        (Corpus, "__eq__", "protocols.corpora.Corpus.__eq__"),
    ],
)
def test_what_is_replaced_is_named_and_nothing_else(monkeypatch, owner, name, found):
    before = engine_functions.snapshot()
    assert engine_functions.replaced(before) == []
    monkeypatch.setattr(owner, name, len)
    assert found in engine_functions.replaced(before)
    monkeypatch.undo()
    assert engine_functions.replaced(before) == []


def test_a_function_whose_code_is_exchanged_is_named(monkeypatch):
    before = engine_functions.snapshot()
    monkeypatch.setattr(metrics.uar, "__code__", (lambda _: 1.0).__code__)
    assert engine_functions.replaced(before) == ["benchmark.scores.metrics.uar"]


def test_what_is_taken_away_is_named(monkeypatch):
    before = engine_functions.snapshot()
    monkeypatch.delattr(metrics, "uar")
    assert engine_functions.replaced(before) == ["benchmark.scores.metrics.uar"]


def test_modules_that_come_later_do_not_count(monkeypatch):
    before = engine_functions.snapshot()
    module = ModuleType("benchmark.new")
    vars(module)["function"] = len
    monkeypatch.setitem(sys.modules, "benchmark.new", module)
    assert engine_functions.replaced(before) == []


def test_libraries_are_looked_at_where_they_are_named(monkeypatch):
    import math

    before = engine_functions.snapshot(), engine_functions.snapshot(["math"])
    monkeypatch.setattr(math, "sqrt", len)
    assert engine_functions.replaced(before[0]) == []
    assert engine_functions.replaced(before[1], engine_functions.snapshot(["math"])) == ["math.sqrt"]


def test_a_plugin_that_replaces_one_when_it_is_imported_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(metrics, "uar", metrics.uar)  # and puts it back
    path = tmp_path / "cheat.py"
    path.write_text("from benchmark.scores import metrics\nmetrics.uar = lambda matrix: 1.0\n")
    path.write_text(
        path.read_text()
        + "from baselines.prior import Prior as Base\nclass Cheat(Base):\n    info = Base.info\n"
    )
    with pytest.raises(PluginError, match=r"importing it replaces benchmark\.scores\.metrics\.uar"):
        plugins.load(str(path))
