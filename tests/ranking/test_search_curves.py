"""What a search buys."""

import made_up
import pytest
from msgspec.structs import replace

from benchmark.ranking import search_curves
from benchmark.records.schema import Trial


def trial(uar, state="complete"):
    return Trial(params={}, state=state, uar=uar, cross_entropy=1.0, epochs=None)


def searched(*folds, model="a", seed=0):
    record = made_up.record(model=model, seed=seed)
    first, *_ = record.folds
    return replace(record, folds=[replace(first, trials=trials) for trials in folds])


def test_it_is_the_mean_over_folds_and_what_was_cut_short_is_the_lowest():
    found = search_curves.curve(
        searched([trial(0.4), trial(0.9, "pruned"), trial(0.6)], [trial(0.2), trial(0.2), trial(0.2)])
    )
    assert found.found == pytest.approx((0.3, 0.3, 0.4))
    assert found.expected[0] == pytest.approx((1.4 / 3 + 0.2) / 2)
    assert found.after(99) == found.expected[-1]
    assert found.gain == pytest.approx(0.1)
    assert found.folds == 2


def test_there_is_none_of_a_single_trial_or_of_a_fold_without_one():
    assert search_curves.curve(searched([trial(0.4)])) is None
    assert search_curves.curve(searched([trial(0.4), trial(0.5)], [])) is None


def test_those_that_seed_0_searched_by_their_ends():
    low, high = (searched([trial(0.1), trial(u)], model=name) for name, u in (("a", 0.2), ("b", 0.3)))
    other = searched([trial(0.9), trial(0.9)], model="c", seed=1)
    assert list(search_curves.by_protocol([low, high, other])["toy"]) == ["b", "a"]
