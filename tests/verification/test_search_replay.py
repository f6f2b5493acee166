"""Searches of the engine are repeated from what their records state, and what was made up is not."""

from importlib.metadata import version
from types import SimpleNamespace
from typing import Any

import made_up
import numpy as np
import pytest
from msgspec.structs import replace

from benchmark.models import plugins
from benchmark.records.schema import Trial
from benchmark.training import asking, study
from benchmark.training.study import Outcome
from benchmark.verification import search_checks, search_replay
from protocols.errors import PluginError

MODELS = ("mfcc-logreg", "small-cnn", "egemaps-svm")
TRIALS = 20


def searched(plugin, fold, *, trials=TRIALS, minimise=False):
    """The trials of a search whose results are drawn; every fourth beyond the first round was pruned."""
    rng = np.random.default_rng(fold)

    def evaluate(asked, _earlier):
        yield from ()
        return [outcome(each) for each in asked]

    def outcome(asked):
        uar, cross_entropy = rng.uniform(size=2)
        state = "pruned" if asked.number >= study.ROUND and asked.number % 4 == 0 else "complete"
        return Outcome(
            params=asked.params, state=state, uar=uar, cross_entropy=cross_entropy, epochs=[7], trained=[9]
        )

    search = study.search(plugin, evaluate, trials=trials, seed=0, fold=fold, minimise=minimise)
    return asking.finish(search, list)


def found(name, *, minimise=False, versions=search_replay.DECISIVE, **changes) -> Any:
    """A submission as far as the search goes, of two folds; `changes`: the parameters of trials of fold 1."""
    plugin = plugins.load(name)
    made = made_up.record("savee-loso", name)
    folds = []
    for facts in made.folds[:2]:
        outcomes = searched(plugin, facts.fold, minimise=minimise)
        winner = study.best(outcomes, minimise=minimise)
        tried = [
            Trial(params=o.params, state=o.state, uar=o.uar, cross_entropy=o.cross_entropy, epochs=o.epochs)
            for o in outcomes
        ]
        folds.append(replace(facts, params=winner.params, epochs=7, trials=tried, curves=[], pooled=[]))
    for number, params in changes.items():
        trials = list(folds[1].trials)
        trials[int(number[1:])] = replace(trials[int(number[1:])], params={**trials[0].params, **params})
        best = study.best(trials, minimise=minimise)
        folds[1] = replace(folds[1], trials=trials, params=best.params)
    environment = replace(made.environment, versions={name: version(name) for name in versions})
    key = {"defaults": dict(plugin.model.defaults), "training": 2}
    record = replace(made, folds=folds, environment=environment, key=key)
    objective = "cross-entropy" if minimise else "uar"
    protocol = SimpleNamespace(objective=objective, search=True)
    return SimpleNamespace(record=record, plugin=plugin, protocol=protocol)


def wrong(of):
    return list(search_checks.proposals(of)), list(search_checks.later_proposals(of))


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("minimise", [False, True])
def test_a_search_of_the_engine_is_repeated(name, minimise):
    of = found(name, minimise=minimise)
    assert list(search_checks.search(of)) == []
    assert wrong(of) == ([], [])


def test_a_trial_that_nobody_proposed_is_found():
    assert wrong(found("mfcc-logreg", t3={"C": 0.123})) == (
        ["fold 1: trial 3 is not what its search proposes"],
        [],
    )
    assert wrong(found("mfcc-logreg", t17={"C": 0.123})) == (
        [],
        ["fold 1: trial 17 is not what its search proposes"],
    )


def test_a_last_bit_is_no_difference():
    [first, *_] = found("mfcc-logreg").record.folds[1].trials[3:]
    assert wrong(found("mfcc-logreg", t3={"C": float(np.nextafter(first.params["C"], 1e9))})) == ([], [])


def test_other_libraries_may_propose_others():
    of = found("mfcc-logreg", versions=("numpy", "scipy"))
    assert wrong(of) == ([], [])
    optuna = f"(here with optuna {version('optuna')})"
    for trial in ("t3", "t17"):  # a record names its versions itself: nobody is let off by other ones
        of = found("mfcc-logreg", versions=("numpy", "scipy"), **{trial: {"C": 0.123}})
        assert wrong(of) == ([], [f"fold 1: trial {trial[1:]} is not what its search proposes {optuna}"])


def test_trials_beyond_the_full_budget_take_no_time(monkeypatch):
    of, searched = found("mfcc-logreg"), []

    def search(*_, trials, **__):
        searched.append(trials)
        yield from ()
        return []

    monkeypatch.setattr(study, "search", search)
    facts = replace(of.record.folds[0], trials=of.record.folds[0].trials * 100)
    of.record = replace(of.record, folds=[facts], budget=replace(of.record.budget, trials=100 * TRIALS))
    assert wrong(of) == ([], [])
    assert max(searched) == TRIALS


class Changed:
    """An installed model whose `space` fails once it has been asked so often."""

    def __init__(self, plugin, error, *, after):
        self.plugin, self.error, self.left = plugin, error, after

    def __getattr__(self, name):
        return getattr(self.plugin, name)

    def params(self, trial):
        self.left -= 1
        if self.left < 0:
            raise self.error
        return self.plugin.params(trial)


@pytest.mark.parametrize("error", [ValueError("odd"), PluginError("odd"), SystemExit("odd")])
def test_a_space_that_fails_stops_no_other_record(error):
    of, name = found("mfcc-logreg"), type(error).__name__
    of.plugin = Changed(plugins.load("mfcc-logreg"), error, after=0)
    assert list(search_checks.proposals(of)) == [
        f"fold {fold}: its search cannot be repeated: {name}: odd" for fold in (0, 1)
    ]
    of.plugin = Changed(plugins.load("mfcc-logreg"), error, after=5 * study.ROUND)  # in its second round
    assert wrong(of)[1] == [f"fold {fold}: its search cannot be repeated: {name}: odd" for fold in (0, 1)]
