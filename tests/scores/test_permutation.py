"""The paired permutation test is derived a second time from its definition, by brute force."""

import itertools

import numpy as np
import pytest
from scipy import stats

from benchmark.scores import metrics, permutation
from benchmark.scores.shares import speaker_shares
from benchmark.scores.variance import NONE, Variance, summed


def made_up(speakers, classes=3, *, seed=0, counts=6):
    """Confusion matrices of one model, (speakers, classes, classes), `counts` clips a class and speaker."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(counts, rng.dirichlet(np.ones(classes), (speakers, classes))).astype(float)


def brute_force_p(a, b):
    """Exchange the matrices themselves for every subset of the speakers, and pool."""

    def difference(exchanged):
        first = [y if s else x for x, y, s in zip(a, b, exchanged, strict=True)]
        second = [x if s else y for x, y, s in zip(a, b, exchanged, strict=True)]
        return abs(metrics.uar(sum(first)) - metrics.uar(sum(second)))

    observed = difference([False] * len(a))
    subsets = list(itertools.product([False, True], repeat=len(a)))
    return sum(difference(subset) >= observed - 1e-10 for subset in subsets) / len(subsets)


def paired_tests(models, folds=None, noise=None, **options):
    """Of confusion matrices (models, speakers, classes, classes), by default with a fold for each speaker."""
    of = speaker_shares(models)
    folds = np.arange(of.shape[1]) if folds is None else np.array(folds)
    return permutation.paired_tests(of, folds, noise or [NONE] * len(of), **options)


@pytest.mark.parametrize("speakers", [1, 2, 4, 7])
def test_exact_test_equals_brute_force(speakers):
    models = np.stack([made_up(speakers, seed=seed) for seed in range(3)])
    tests = paired_tests(models)
    assert (tests.smallest == min(1, 2 / 2**speakers)).all()
    assert (tests.units == speakers).all()
    for i, j in itertools.permutations(range(3), 2):
        assert tests.p[i, j] == pytest.approx(brute_force_p(models[i], models[j]))


def test_random_test_is_near_the_exact_one_and_repeats():
    models = np.stack([made_up(13, seed=1, counts=3), made_up(13, seed=5, counts=3)])
    tests = paired_tests(models, seed=3)
    assert (tests.smallest == 1 / 10_001).all()
    d = np.subtract(*speaker_shares(models))
    signs = np.array(list(itertools.product([1, -1], repeat=13)))
    exact = np.mean(np.abs(signs @ d) >= abs(d.sum()) - 1e-10)
    assert tests.p[0, 1] == pytest.approx(exact, abs=0.02)
    assert np.array_equal(tests.p, paired_tests(models, seed=3).p)


@pytest.mark.parametrize(("speakers", "smallest"), [(11, 2 / 2**11), (40, 1 / 10_001)])
def test_a_model_that_is_always_better_gets_the_smallest_p_and_itself_gets_one(speakers, smallest):
    perfect, hopeless = (np.tile(matrix * 5, (speakers, 1, 1)) for matrix in (np.eye(2), np.eye(2)[::-1]))
    tests = paired_tests(np.stack([perfect, hopeless, perfect]))
    assert tests.p[0, 1] == tests.smallest[0, 1] == smallest
    assert tests.p[0, 2] == tests.p[0, 0] == 1


def test_shared_noise_is_drawn_beside_the_speakers():
    models = np.stack([made_up(8, seed=seed) for seed in range(3)])
    d = np.subtract(*speaker_shares(models[:2]))
    noise = [Variance(0.03**2, 3), Variance(0.04**2, 4)]
    both = summed(noise)
    found = paired_tests(models, [0] * 4 + [1] * 4, [*noise, NONE], draws=40_000).p
    signs = np.array(list(itertools.product([1, -1], repeat=8)))
    to_each_end = (np.array([[1], [-1]]) * abs(d.sum()) - signs @ d) / 0.05
    beyond = stats.t.sf(to_each_end[0], int(both.freedom)) + stats.t.cdf(to_each_end[1], int(both.freedom))
    assert found[0, 1] == found[1, 0] == pytest.approx(beyond.mean(), abs=0.005)
    exact = paired_tests(models).p
    assert found[0, 1] > exact[0, 1] + 0.02
    assert (abs(found - exact)[[0, 1], 2] > 1e-3).all()  # one model's noise is enough
    permutation._standard_errors.cache_clear()
    alone = paired_tests(models[:2], [0] * 4 + [1] * 4, noise, draws=40_000).p
    assert alone[0, 1] == found[0, 1]  # it repeats, whoever else is on the board


def test_where_noise_is_not_known_whole_folds_are_exchanged():
    models = np.stack([made_up(24, seed=seed) for seed in range(3)])
    folds = np.arange(24) // 4
    tests = paired_tests(models, folds, [NONE, NONE, None])
    known = paired_tests(models[:2], folds)
    assert tests.p[0, 1] == known.p[0, 1]
    assert tests.units.tolist() == [[24, 24, 6], [24, 24, 6], [6, 6, 6]]
    assert tests.smallest[0].tolist() == [1 / 10_001, 1 / 10_001, 1 / 32]
    whole = models.reshape(3, 6, 4, 3, 3).sum(axis=2)
    assert tests.p[0, 2] == tests.p[2, 0] == pytest.approx(brute_force_p(whole[0], whole[2]))


@pytest.mark.parametrize("noise", [NONE, Variance(0.0004, 6)], ids=["alone", "with noise"])
@pytest.mark.parametrize("units", [5, 6, 8, 12, 24])
def test_the_interval_of_a_difference_holds_what_the_test_does_not_reject(units, noise):
    rng = np.random.default_rng(units)
    for _ in range(20):
        weights = rng.dirichlet(np.full(units, 5.0))
        apart = weights * rng.normal(0.05, 0.1, units)
        found = permutation.interval(apart, weights, noise, draws=999)
        low, high = found or (-np.inf, np.inf)
        assert low < apart.sum() < high
        within = 1e-6 if found else 0
        for true in (0, low - within, low + within, high - within, high + within):
            if np.isfinite(true):
                models = np.stack([apart - true * weights, np.zeros(units)])
                p = permutation.paired_tests(models, np.arange(units), [noise, NONE], draws=999).p[0, 1]
                assert (p >= 0.05) == (low <= true <= high)


def test_five_speakers_bound_no_difference_and_six_by_the_least_and_the_greatest():
    each = np.array([0.1, 0.6, 0.2, 0.3, 0.5, 0.4])
    assert permutation.interval(each[:5] / 5, np.full(5, 1 / 5)) is None
    assert permutation.interval(each / 6, np.full(6, 1 / 6)) == pytest.approx((0.1, 0.6))
