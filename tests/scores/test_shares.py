"""What speakers add to a UAR, and what training adds to a fold's speakers at once."""

import numpy as np
import pytest

from benchmark.scores import metrics, shares
from benchmark.scores.variance import NONE


def made_up(speakers, classes=3, *, seed=0, counts=6):
    """Confusion matrices of one model, (speakers, classes, classes), `counts` clips a class and speaker."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(counts, rng.dirichlet(np.ones(classes), (speakers, classes))).astype(float)


def test_shares_sum_to_the_pooled_uar_and_weights_to_one():
    matrices = made_up(7)
    matrices[:, 1] = 0  # a class without clips
    assert shares.speaker_shares(matrices).sum() == pytest.approx(metrics.uar(matrices.sum(0)))
    perfect = matrices.sum(axis=2)[..., None] * np.eye(3)
    weights = shares.speaker_weights(matrices.sum(axis=2))
    assert weights == pytest.approx(shares.speaker_shares(perfect))
    assert weights.sum() == pytest.approx(1)


def test_the_mean_matrix_has_the_mean_uar_of_the_seeds():
    seeds = np.stack([made_up(5, seed=seed) for seed in range(3)])
    each = metrics.uar(seeds.sum(axis=1))
    assert shares.speaker_shares(seeds.mean(0)).sum() == pytest.approx(each.mean())


def test_training_noise_is_the_covariance_of_a_fold_s_speakers_over_the_seeds():
    of_seeds = np.random.default_rng(3).normal(size=(3, 5))
    found = shares.training_noise(of_seeds, np.array([0, 1, 0, 1, 2]))
    covariance = np.cov(of_seeds.T)
    assert found.value == pytest.approx(max(2 * covariance[0, 2] + 2 * covariance[1, 3], 0) / 3)
    assert found.value > 0
    assert found.freedom == 2 * 2  # of the two folds with several speakers


def test_training_noise_is_never_below_zero_and_none_is_shared_by_a_speaker_alone():
    against = np.array([[0.1, -0.1], [-0.1, 0.1]])
    assert shares.training_noise(against, np.zeros(2)).value == 0
    assert shares.training_noise(against, np.arange(2)) == NONE
    assert shares.training_noise(against[:1], np.arange(2)) == NONE


def test_training_noise_is_not_known_from_one_seed():
    assert shares.training_noise(np.ones((1, 4)), np.array([0, 0, 1, 1])) is None


def test_training_noise_estimates_what_was_put_in():
    rng = np.random.default_rng(0)
    folds = np.arange(24) // 4
    luck = rng.normal(0, 0.01, (1000, 3, 6))[..., folds]  # of a share, in each of 1000 worlds
    alone = rng.normal(0, 0.02, (1000, 3, 24))
    found = [shares.training_noise(of_seeds, folds).value for of_seeds in luck + alone]
    assert np.mean(found) == pytest.approx(6 * (4 * 4 - 4) * 0.01**2 / 3, rel=0.1)
