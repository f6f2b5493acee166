"""Whether a record searched, and how far its inner folds flatter it."""

import made_up
import pytest
from msgspec.structs import replace

from benchmark.records import search_facts
from benchmark.records.schema import Trial


def with_folds(record, *folds, uar=0.4):
    facts = [replace(facts, **changes) for facts, changes in zip(record.folds, folds, strict=False)]
    return replace(record, folds=facts, scores=replace(record.scores, uar=uar))


def test_optimism_is_the_winners_inner_uar_less_the_test_uar():
    record = with_folds(made_up.record(seed=1), {"inner_uar": 0.6}, {"inner_uar": 0.5})
    assert search_facts.inner_uar(record) == pytest.approx(0.55)
    assert search_facts.optimism(record) == pytest.approx(0.15)


def test_of_a_record_of_training_version_1_the_winning_trial_tells():
    lost = Trial(params={"c": 1.0}, state="complete", uar=0.9, cross_entropy=0.1, epochs=None)
    pruned = Trial(params={"c": 3.0}, state="pruned", uar=0.8, cross_entropy=0.1, epochs=None)
    won = Trial(params={"c": 3.0}, state="complete", uar=0.5, cross_entropy=1.1, epochs=[3, 4])
    record = with_folds(made_up.record(), {"params": won.params, "trials": [lost, pruned, won]})
    assert search_facts.inner_uar(record) == 0.5
    assert search_facts.optimism(record) == pytest.approx(0.1)


def test_it_is_not_known_where_a_fold_tells_nothing():
    refitted = made_up.record(seed=1)
    assert search_facts.inner_uar(refitted) is search_facts.optimism(refitted) is None
    record = with_folds(refitted, {"inner_uar": 0.6}, {})
    assert search_facts.inner_uar(record) is None


def test_who_has_trials_has_searched():
    assert search_facts.searched(made_up.record())
    assert not search_facts.searched(made_up.record(seed=1))
