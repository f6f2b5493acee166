"""What tests of pairs are given: of one protocol, and of several together."""

import made_up
import numpy as np
import pytest

from benchmark.ranking import paired
from benchmark.scores import difference, shares
from benchmark.scores.variance import NONE


def sample(*records):
    table = made_up.table(list(records))
    return paired.sample(table.ranked, table.conditions)


def two(name, n=3):
    """Two models of a protocol."""
    return [
        r for model, skill in (("a", 0.6), ("b", 0.3)) for r in made_up.seeds(name, model, n=n, skill=skill)
    ]


def test_a_sample_has_shares_weights_and_folds_by_speaker():
    found = sample(*two("ravdess-6fold"))
    assert found.shares.shape == (2, 24)
    assert found.weights == pytest.approx(np.full(24, 1 / 24))
    assert np.unique(found.folds, return_counts=True)[1].tolist() == [4] * 6


def test_a_difference_varies_by_speakers_and_by_the_training_of_both():
    found = sample(*two("ravdess-6fold"))
    apart = found.shares[0] - found.shares[1]
    alone = difference.variance(apart, found.weights)
    noise = [one.value for one in found.noise]
    assert min(noise) >= 0
    assert max(noise) > 0
    assert found.variance(0, 1).value == pytest.approx(alone.value + sum(noise))


def test_where_training_is_not_known_folds_are_the_units():
    found = sample(*two("ravdess-6fold", n=1))
    apart = shares.by_fold(found.shares[0] - found.shares[1], found.folds)
    assert found.noise == (None, None)
    assert found.variance(0, 1) == difference.variance(apart, np.full(6, 1 / 6))
    assert (found.tests().units == 6).all()


def test_together_the_mean_uar_is_over_all_speakers_and_folds_stay_apart():
    parts = [sample(*two(name)) for name in ("ravdess-6fold", "emodb-loso", "toy")]
    whole = paired.together(parts)
    means = np.mean([part.shares.sum(axis=1) for part in parts], axis=0)
    assert whole.shares.sum(axis=1) == pytest.approx(means)
    assert whole.weights.sum() == pytest.approx(1)
    assert len(np.unique(whole.folds)) == 6 + 10 + 12
    [alone] = {one for one in parts[0].noise if one.value}  # one model's is estimated as none
    [found] = {one for one in whole.noise if one.value}
    assert (found.value, found.freedom) == pytest.approx((alone.value / 9, alone.freedom))


def test_together_training_that_one_protocol_does_not_show_is_not_known():
    whole = paired.together([sample(*two("ravdess-6fold", n=1)), sample(*two("emodb-loso"))])
    assert whole.noise == (None, None)
    assert (whole.tests().units == 6 + 10).all()


def test_together_a_fold_is_no_other_protocol_s_whatever_its_number():
    one = paired.Sample(np.ones((1, 2)), np.ones(2) / 2, np.array([2, 5]), (NONE,))
    assert len(set(paired.together([one, one, one]).folds)) == 6
