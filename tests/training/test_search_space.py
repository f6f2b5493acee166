"""Search spaces: every branch of a conditional one, and the errors of those that cannot be searched."""

import optuna
import pytest

from benchmark.models.plugins import Plugin
from benchmark.training import asking, search_space, study
from protocols.contract import Declaration, Features, Info
from protocols.errors import PluginError


def model(space, **defaults):
    class Model(Declaration):
        info = Info(name="mine", version="1", title="", summary="")

        @staticmethod
        def features(params):  # noqa: ARG004
            return Features(front_end="mfcc")

    return type("Mine", (Model,), {"defaults": defaults, "space": staticmethod(space)})


def flat(trial):
    return {"x": trial.suggest_float("x", 0, 1), "kind": trial.suggest_categorical("kind", ["a", "b"])}


def kernels(trial):
    """`gamma` under rbf, `degree` and `order` under poly, `order` only with an offset."""
    found = {"C": trial.suggest_float("C", 1e-2, 1e2, log=True)}
    found["kernel"] = trial.suggest_categorical("kernel", ["linear", "rbf", "poly"])
    if found["kernel"] == "rbf":
        found["gamma"] = trial.suggest_float("gamma", 0.1, 1.0)
    if found["kernel"] == "poly":
        found["degree"] = trial.suggest_int("degree", 2, 4)
        found["offset"] = trial.suggest_categorical("offset", [False, True])
        if found["offset"]:
            found["order"] = trial.suggest_int("order", 1, 3)
    return found


KERNELS = {"C": 1.0, "kernel": "rbf", "gamma": 0.5, "degree": 3, "offset": False, "order": 2}


def plugin(space, **defaults):
    return Plugin("mine", model(space, **defaults), "", "")


def test_an_unconditional_space_is_what_one_trial_asks_for():
    declared = model(flat, x=0.5, kind="a", other=3)
    trial = optuna.trial.FixedTrial({"x": 0.5, "kind": "a"})
    flat(trial)
    space = search_space.of(declared)
    assert list(space.distributions.items()) == list(trial.distributions.items())
    assert [dict(branch.params) for branch in space.branches] == [
        {"x": 0.5, "kind": kind, "other": 3} for kind in "ab"
    ]
    assert search_space.first(declared) == {"x": 0.5, "kind": "a"}
    assert search_space.params(declared, optuna.trial.FixedTrial({"x": 0.1, "kind": "b"})) == {
        "x": 0.1,
        "kind": "b",
        "other": 3,
    }


def test_nothing_to_search():
    space = search_space.of(model(lambda _trial: {}, x=1))
    assert (space.distributions, len(space.branches)) == ({}, 1)


def test_a_conditional_space_holds_every_branch():
    space = search_space.of(model(kernels, **KERNELS))
    assert set(space.distributions) == set(KERNELS)
    asked = {tuple(branch.distributions) for branch in space.branches}
    assert asked == {
        ("C", "kernel"),
        ("C", "kernel", "gamma"),
        ("C", "kernel", "degree", "offset"),
        ("C", "kernel", "degree", "offset", "order"),
    }
    assert len(space.branches) == 4


def test_the_first_branch_is_the_defaults():
    declared = model(kernels, **KERNELS)
    assert search_space.first(declared) == {"C": 1.0, "kernel": "rbf", "gamma": 0.5}
    assert dict(search_space.of(declared).branches[0].params) == KERNELS


def test_each_combination_is_looked_at_once():
    runs = []

    def three(trial):
        found = {name: trial.suggest_categorical(name, [0, 1, 2]) for name in "abc"}
        runs.append(tuple(found.values()))
        return found

    search_space.of(model(three, a=1, b=0, c=2))
    assert len(runs) == len(set(runs)) == 27
    assert runs[0] == (1, 0, 2)


def test_what_a_branch_does_not_have_keeps_its_default():
    declared = model(kernels, **KERNELS)
    found = search_space.params(declared, optuna.trial.FixedTrial({"C": 2.0, "kernel": "linear"}))
    assert found == {**KERNELS, "C": 2.0, "kernel": "linear"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"order": 9}, r"every searched parameter needs a default within its range: The value 9 .*'order'"),
        ({"offset": "no"}, r"every searched parameter needs a default within its range: 'no' not in"),
        ({"degree": None}, r"every searched parameter needs a default within its range: .*'degree'"),
    ],
)
def test_a_default_is_within_its_range_in_every_branch(change, message):
    defaults = {name: value for name, value in {**KERNELS, **change}.items() if value is not None}
    with pytest.raises(PluginError, match=f"mine: {message}"):
        search_space.of(model(kernels, **defaults))


def test_a_branch_that_fails_is_named():
    def fails(trial):
        return {"kind": trial.suggest_categorical("kind", ["a", "b"]) and {}[trial.params["kind"] == "b"]}

    with pytest.raises(PluginError, match="mine: `space` fails: KeyError: False"):
        search_space.of(model(fails, kind="a"))


def by_number(trial):
    found = {"x": trial.suggest_float("x", 0, 1)}
    if found["x"] > 0.5:
        found["y"] = trial.suggest_float("y", 0, 1)
    return found


def test_a_condition_on_a_number_is_refused_when_it_shows():
    declared = model(by_number, x=0.2, y=0.5)
    assert set(search_space.of(declared).distributions) == {"x"}
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    with pytest.raises(PluginError, match="mine: `space` asks for 'y' under a condition on a number"):
        search_space.params(declared, trial)


def test_a_range_may_not_depend_on_another_parameter():
    def by_choice(trial):
        kind = trial.suggest_categorical("kind", ["a", "b"])
        return {"kind": kind, "x": trial.suggest_float("x", 0, 1 if kind == "a" else 2)}

    def by_size(trial):
        size = trial.suggest_float("size", 0.5, 2)
        return {"size": size, "x": trial.suggest_float("x", 0, size)}

    message = "mine: `space` gives 'x' a range or choices that depend on another parameter"
    with pytest.raises(PluginError, match=message):
        search_space.of(model(by_choice, kind="a", x=0.5))
    declared = model(by_size, size=1.0, x=0.5)
    with pytest.raises(PluginError, match=message):
        search_space.params(declared, optuna.trial.FixedTrial({"size": 2.0, "x": 0.5}))


def test_too_many_combinations_are_refused(monkeypatch):
    monkeypatch.setattr(search_space, "MOST", 10)

    def many(trial):
        return {name: trial.suggest_categorical(name, [0, 1]) for name in "abcd"}

    with pytest.raises(PluginError, match="mine: `space` has more than 10 combinations"):
        search_space.of(model(many, a=0, b=0, c=0, d=0))


def test_choices_that_a_record_could_not_hold_are_refused():
    def long(trial):
        return {"kind": trial.suggest_categorical("kind", ["a", "x" * 30_000])}

    with pytest.raises(PluginError, match=r"mine: ranges and choices of `space` take 30\d+ characters"):
        search_space.of(model(long, kind="a"))


def evaluate(asked, _earlier):
    yield from ()
    uars = [{"linear": 0.3, "rbf": 0.5, "poly": 0.6}[trial.params["kernel"]] for trial in asked]
    return [
        study.Outcome(params=trial.params, uar=uar, cross_entropy=1.0)
        for trial, uar in zip(asked, uars, strict=True)
    ]


def test_a_conditional_search_begins_with_the_defaults_and_finds_its_way():
    def outcomes(trials=20, **more):
        search = study.search(plugin(kernels, **KERNELS), evaluate, trials=trials, seed=0, fold=0, **more)
        return asking.finish(search, list)

    found = outcomes()
    assert found[0].params == KERNELS
    assert len(found) == 20
    assert {outcome.params["kernel"] for outcome in found} == {"linear", "rbf", "poly"}
    assert found == outcomes()
    assert outcomes(7) == found[:7]
    for outcome in found:
        if outcome.params["kernel"] != "rbf":
            assert outcome.params["gamma"] == 0.5  # its default: this branch does not have it


def test_a_front_end_may_change_in_no_branch():
    mine = plugin(kernels, **KERNELS)
    mine.model.features = staticmethod(
        lambda params: Features(
            front_end="mfcc", options={"n_mfcc": 13 if params["kernel"] == "poly" else 20}
        )
    )
    with pytest.raises(PluginError, match="mine: the front end changes with a searched parameter"):
        mine.space()
