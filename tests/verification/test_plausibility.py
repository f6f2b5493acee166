"""Each note, with a record that earns it and one that does not."""

import made_up
import numpy as np
from msgspec.structs import replace

from benchmark.records import prediction_table
from benchmark.records.schema import Cost, Count
from benchmark.scores import metrics
from benchmark.verification import plausibility
from benchmark.verification.plausibility import Seen

RNG = np.random.default_rng(0)


def predictions(n=4, classes=3, rows=None):
    rows = RNG.dirichlet(np.ones(classes), n).round(4) if rows is None else np.array(rows, dtype=float)
    return prediction_table.Predictions(
        [f"c{i}" for i in range(len(rows))], np.zeros(len(rows), dtype=int), rows
    )


def seen(name="a", given=None, **changes):
    made = made_up.record(**changes)
    accuracy = metrics.accuracy(np.sum(list(made.speakers.values()), axis=0))
    return Seen(name, replace(made, scores=replace(made.scores, accuracy=accuracy)), given)


def noted(*group):
    return plausibility.notes(group)


def test_an_honest_record_has_no_note():
    assert noted(seen(given=predictions())) == {}


def test_an_accuracy_that_is_not_the_matrices():
    one = seen()
    lying = replace(one.record, scores=replace(one.record.scores, accuracy=0.95))
    (note,) = noted(Seen("a", lying))["a"]
    assert note.startswith("its accuracy is 0.9500, but its confusion matrices give 0.")


def test_matrices_that_do_not_add_up_are_not_compared():
    ragged = made_up.record(speakers={"s00": [[1, 0, 0]] * 3, "s01": [[1]]})
    assert noted(Seen("a", ragged)) == {}


def timed(seconds, device="cpu", training=10**15):
    counts = [Count(seconds=s, used=s, front_end=0, model={"linear": 1}, norms=0) for s in (1.0, 3.0, 10.0)]
    cost = Cost(by="fvcore", counts=counts, parameters=1, weights=4, training=training)
    one = seen().record
    environment = replace(one.environment, device=device)
    run = replace(one.run, seconds=seconds)
    good = replace(one, cost=cost, run=run, environment=environment)
    return Seen("a", replace(good, scores=seen().record.scores))


def test_a_training_that_was_too_short():
    assert noted(timed(99.0)) == {
        "a": ["its training took 99.0 s; its multiply-adds take 100.0 s at the least"]
    }
    assert noted(timed(101.0)) == {}
    assert noted(timed(2.0, device="a GPU")) == {}
    assert noted(timed(1.0, training=None)) == {}


def test_probabilities_that_are_labels():
    assert noted(seen(given=predictions(rows=np.eye(3)))) == {"a": ["all its probabilities are 0 or 1"]}
    assert noted(seen(given=predictions(rows=[[1, 0, 0], [0.5, 0.5, 0]]))) == {}
    assert noted(seen(given=predictions(rows=np.zeros((0, 3))))) == {}


def test_a_score_beyond_people():
    (note,) = noted(seen(skill=1.0))["a"]
    assert note == "its UAR of 100.0 % is far above what people and the words alone reach"
    assert noted(seen(skill=0.9)) == {}
    assert noted(seen(skill=1.0, board="synthetic")) == {}


def test_the_same_predictions_under_two_names():
    given = predictions()
    turned = prediction_table.Predictions(given.clips[::-1], given.folds, given.probabilities[::-1])
    one, other = seen("a", given, model="one"), seen("b", turned, model="other")
    assert noted(one, other) == {
        "a": ["the same predictions as b, under another name"],
        "b": ["the same predictions as a, under another name"],
    }
    assert noted(one, seen("b", predictions(), model="other")) == {}
    assert noted(one, seen("b", given, model="other", board="official")) == {}


def test_seeds_that_agree_bit_for_bit():
    given = predictions()
    (note,) = noted(seen("a", given), seen("b", given, seed=1))["b"]
    assert note == "the same predictions as a, though its seed should make a difference"
    assert noted(seen("a", given, deterministic=True), seen("b", given, seed=1, deterministic=True)) == {}
    assert noted(seen("a", given), seen("b", predictions(), seed=1)) == {}
