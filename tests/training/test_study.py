"""The search: what decides it, what may not."""

import numpy as np
import optuna
import pytest

from benchmark.scores import calibration, metrics
from benchmark.training import asking, study
from protocols.errors import PluginError


class Searched:
    """Stands in for a plugin with two searched parameters."""

    first = {"x": 0.5, "kind": "a"}

    def params(self, trial):
        return {
            "x": trial.suggest_float("x", 0.0, 1.0),
            "kind": trial.suggest_categorical("kind", ["a", "b"]),
        }

    def space(self):
        trial = optuna.trial.FixedTrial(self.first)
        self.params(trial)
        return trial.distributions


class Fixed:
    first = {}

    def params(self, _trial):
        return {"x": 1.0}

    def space(self):
        return {}


class KilledError(Exception):
    pass


def objective(params):
    peak, height = (0.8, 0.9) if params["kind"] == "b" else (0.3, 0.8)
    return round(height - (params["x"] - peak) ** 2 - 0.05 * abs(np.sin(40 * params["x"])), 6)


def evaluation(store=None, *, kill_after=None, calls=None):
    """An `evaluate` that keeps finished trials in `store`, and is killed after so many new ones."""
    store, calls = {} if store is None else store, [] if calls is None else calls

    def evaluate(number, params):
        if number in store and store[number].params == params:
            return store[number]
        if kill_after is not None and len(calls) >= kill_after:
            raise KilledError
        calls.append((number, params))
        value = objective(params)
        state = "pruned" if number >= study.ROUND and value < 0.75 else "complete"
        store[number] = study.Outcome(params=params, state=state, uar=value, cross_entropy=1 - value)
        return store[number]

    return evaluate


def search(evaluate, *, model=None, trials=20, seed=0, fold=0, minimise=False):
    def evaluate_round(asked, _earlier):
        came = yield asked
        return came

    return asking.finish(
        study.search(
            model or Searched(), evaluate_round, trials=trials, seed=seed, fold=fold, minimise=minimise
        ),
        lambda asked: [evaluate(*trial) for trial in asked],
    )


def test_trial_0_is_the_defaults_and_there_are_exactly_n():
    outcomes = search(evaluation())
    assert outcomes[0].params == {"x": 0.5, "kind": "a"}
    assert len(outcomes) == 20
    assert {outcome.state for outcome in outcomes} == {"complete", "pruned"}
    assert study.best(outcomes).params["kind"] == "b"


@pytest.mark.parametrize("trials", [1, 4, 5, 7])
def test_a_search_may_be_shorter_than_a_round_and_is_a_longer_ones_beginning(trials):
    assert search(evaluation(), trials=trials) == search(evaluation())[:trials]


@pytest.mark.slow
@pytest.mark.parametrize("minimise", [False, True])
def test_a_search_is_the_same_however_often_it_was_interrupted(minimise):
    undisturbed = search(evaluation(), minimise=minimise)
    for kill_after in range(1, 20):
        store, outcomes = {}, None
        while outcomes is None:
            try:
                outcomes = search(evaluation(store, kill_after=kill_after), minimise=minimise)
            except KilledError:
                continue
        assert outcomes == undisturbed


def test_seed_and_fold_decide_the_search():
    first = search(evaluation(), trials=6)
    assert search(evaluation(), trials=6) == first
    assert search(evaluation(), trials=6, seed=1)[1:] != first[1:]
    assert search(evaluation(), trials=6, fold=1)[1:] != first[1:]


def test_the_samplers_settings_are_ours_not_optunas_defaults(monkeypatch):
    given = []
    real = optuna.samplers.TPESampler
    monkeypatch.setattr(optuna.samplers, "TPESampler", lambda **more: given.append(more) or real(**more))
    search(evaluation(), trials=6)
    ours = [{**more, "seed": 0} for more in given if "seed" in more]  # a study brings one too
    assert ours == 2 * [{"seed": 0, "n_startup_trials": 5, "multivariate": True, "constant_liar": True}]


def test_each_round_has_a_sampler_of_its_own(monkeypatch):
    made, real = [], optuna.samplers.TPESampler

    def sampler(**options):
        made.append(options.get("seed", "of the empty study"))
        return real(**options)

    monkeypatch.setattr(optuna.samplers, "TPESampler", sampler)
    search(evaluation(), trials=11, seed=3, fold=2)
    assert made[-3:] == [study.seed_of(3, 2, number) for number in range(3)]


@pytest.mark.parametrize("minimise", [False, True])
def test_the_sampler_goes_by_the_objective_alone(minimise):
    """Of complete and of pruned trials: the other score may be whatever it is."""

    def evaluate(other):
        def outcome(number, params):
            scores = (objective(params), other)
            uar, cross_entropy = scores[::-1] if minimise else scores
            state = "pruned" if number % 2 else "complete"
            return study.Outcome(params=params, state=state, uar=uar, cross_entropy=cross_entropy)

        return outcome

    def proposed(evaluate):
        return [outcome.params for outcome in search(evaluate, trials=15, minimise=minimise)]

    assert proposed(evaluate(0.1)) == proposed(evaluate(0.9))


@pytest.mark.parametrize("state", ["complete", "pruned", "failed"])
def test_how_a_trial_ended_decides_what_is_proposed_after_its_round(state):
    plain = [outcome.params for outcome in search(evaluation(), trials=10)]
    best = max(range(5), key=lambda number: objective(plain[number]))

    def evaluate(number, params):
        uar = objective(params)
        if number != best:
            return evaluation()(number, params)
        return study.Outcome(params=params, state=state, uar=uar, cross_entropy=1 - uar)

    found = [outcome.params for outcome in search(evaluate, trials=10)]
    assert found[:5] == plain[:5]
    assert (found[5:] == plain[5:]) == (state == "complete")


def test_equal_parameters_are_evaluated_once():
    class Few(Searched):
        def params(self, trial):
            return {"x": trial.suggest_categorical("x", [0.5, 0.25]), "kind": "b"}

    calls = []
    outcomes = search(evaluation(calls=calls), model=Few(), trials=12)
    assert len(outcomes) == 12
    assert len(calls) == 2


def test_nothing_to_search_is_one_trial():
    calls = []

    def evaluate(number, params):
        calls.append(number)
        return study.Outcome(params=params, uar=0.5, cross_entropy=1.0)

    (outcome,) = search(evaluate, model=Fixed())
    assert (calls, outcome.params) == ([0], {"x": 1.0})


def test_a_failed_trial_counts_and_cannot_win():
    def evaluate(number, params):
        if number % 2:
            return study.Outcome(params=params, state="failed")
        return study.Outcome(params=params, uar=0.1, cross_entropy=2.0)

    outcomes = search(evaluate, trials=12)
    assert [o.state for o in outcomes] == ["complete", "failed"] * 6
    assert study.best(outcomes) is outcomes[0]
    with pytest.raises(PluginError, match="no trial gave finite probabilities"):
        study.best(outcomes[1:2])


def outcome(uar, cross_entropy, state="complete"):
    return study.Outcome(params={}, uar=uar, cross_entropy=cross_entropy, state=state)


def test_best_takes_uar_then_cross_entropy_then_the_earliest():
    tied = [
        outcome(0.5, 1.2),
        outcome(0.6, 1.1),
        outcome(0.6, 0.9),
        outcome(0.6, 0.9),
        outcome(0.9, 0.1, "pruned"),
    ]
    assert study.best(tied) is tied[2]


def test_best_minimises_cross_entropy_then_takes_uar():
    tied = [outcome(0.9, 0.8), outcome(0.5, 0.4), outcome(0.6, 0.4), outcome(0.6, 0.4)]
    assert study.best(tied, minimise=True) is tied[2]


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_temperature_recovers_a_known_one(true):
    rng = np.random.default_rng(0)
    logits = rng.normal(scale=1.5, size=(6000, 5))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = np.array([rng.choice(5, p=row) for row in honest])
    predictions = calibration.calibrated(honest, 1 / true)  # too sure by this factor
    found = calibration.temperature(labels, predictions)
    assert found == pytest.approx(true, rel=0.1)
    assert (
        metrics.cross_entropy(labels, calibration.calibrated(predictions, found))
        <= metrics.cross_entropy(labels, predictions) + 1e-6
    )


def test_calibrated_keeps_order_and_sums():
    rng = np.random.default_rng(1)
    predictions = rng.dirichlet(np.ones(7) / 3, size=500)
    predictions[0] = [1, 0, 0, 0, 0, 0, 0]
    for t in (0.05, 0.7, 1.0, 20.0):
        given = calibration.calibrated(predictions, t)
        np.testing.assert_array_equal(given.argmax(axis=1), predictions.argmax(axis=1))
        np.testing.assert_allclose(given.sum(axis=1), 1)
    np.testing.assert_allclose(calibration.calibrated(predictions, 1.0), predictions, atol=1e-9)


def test_seed_of_is_distinct_and_fits_32_bits():
    seeds = [study.seed_of(seed, fold, part) for seed in range(3) for fold in range(24) for part in range(25)]
    assert len(set(seeds)) == len(seeds)
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert study.seed_of(1, 2, 3) == study.seed_of(1, 2, 3)
