"""Each note, with a record that earns it and one that does not."""

import made_up
import numpy as np
from msgspec.structs import replace

from benchmark.records import prediction_table
from benchmark.records.schema import Cost, Count, Speed
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
    assert noted(seen(skill=1.0, leaks="the test clips are in training")) == {}


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


def searched(name, model, test, inner, **changes):
    """A record with these UARs, of twelve folds."""
    one = seen(name, model=model, **changes).record
    folds = [replace(f, trials=[replace(t, uar=inner) for t in f.trials]) for f in one.folds]
    return Seen(name, replace(one, folds=folds, scores=replace(one.scores, uar=test)))


def test_a_test_uar_further_above_the_inner_one_than_any_others():
    def odd(*group):
        return {name: [n for n in notes if "inner" in n] for name, notes in noted(*group).items()}

    others = [searched(f"o{i}", f"model-{i}", 0.5 + i / 100, 0.5) for i in range(4)]  # up to 3 points
    honest = searched("h", "mine", 0.60, 0.50)
    forged = searched("f", "mine", 0.61, 0.50)
    assert odd(*others, honest).get("h", []) == []
    assert odd(*others, forged)["f"] == [
        "its test UAR is 11.0 points above its inner folds', that of 4 other records at most +3.0"
    ]
    twice = odd(*others, forged, searched("again", "mine", 0.62, 0.50))  # of which neither clears the other
    assert twice["f"]
    assert twice["again"]
    assert odd(*others, searched("wide", "model-9", 0.57, 0.50), forged).get("f", []) == []
    assert odd(forged)["f"] == [
        "its test UAR is 11.0 points above its inner folds', and there are no others to compare"
    ]
    apart = searched("wide", "model-9", 0.9, 0.50, trials=5)  # which is no other of the same conditions
    assert odd(*others, apart, forged)["f"]
    assert odd(*others, searched("f", "mine", 0.9, 0.5, seed=1)) == odd(*others)  # which has no trials


def test_a_speed_that_no_thread_has():
    def fast(latency, reference=1.0):
        one = timed(99999.0).record
        speed = Speed(latency=latency, slow=latency, front_end=0.0, reference=reference, ratio=1.0,
                      real_time=0.0, memory=None, joules=None, processor="")  # fmt: skip
        counts = [replace(count, model={"linear": 10**9}) for count in one.cost.counts]
        cost = replace(one.cost, counts=counts)
        return noted(Seen("a", replace(one, cost=cost, run=replace(one.run, speed=speed))))

    assert fast(1.0) == {}
    assert fast(0.9) == {"a": ["one clip took 0.9 ms on a thread; its multiply-adds take 1 ms at the least"]}
    assert fast(1.0, 0.02)["a"][0].startswith(
        "the reference took 0.02 ms on a thread; its multiply-adds take"
    )


def test_more_trials_than_the_full_budget_has():
    assert noted(seen(trials=20)) == {}
    assert noted(seen(trials=21)) == {"a": ["its budget of 21 trials is larger than the full one of 20"]}


def test_one_source_declares_one_thing():
    one, other = seen("a"), seen("b", seed=1, title="Oracle")
    assert noted(one, other) == {"b": ["its model's title is not that in a, of the same source"]}
    assert noted(one, seen("b", seed=1, title="Oracle", source="1" * 64)) == {}


def test_a_title_that_another_model_has():
    notes = noted(
        seen("a", model="net", title="Small CNN"), seen("b", model="other", title="small-\uff23NN"), seen("c")
    )
    assert notes == {
        "a": ["its model has the title of other"],
        "b": ["its model has the title of net"],
    }


def test_a_title_in_letters_that_look_like_others():
    assert noted(seen(title="Sm\u0430ll CNN\u202e")) == {
        "a": ["its title 'Sm\u0430ll CNN\\u202e' has CYRILLIC SMALL LETTER A, RIGHT-TO-LEFT OVERRIDE"]
    }
    assert noted(seen(title="Größe (naïve), 2 %")) == {}
