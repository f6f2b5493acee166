"""The paired permutation test is derived a second time from its definition, by brute force."""

import itertools

import numpy as np
import pytest

from benchmark.scores import metrics, permutation


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


def test_shares_sum_to_the_pooled_uar():
    matrices = made_up(7)
    matrices[:, 1] = 0  # a class without clips
    assert permutation.speaker_shares(matrices).sum() == pytest.approx(metrics.uar(matrices.sum(0)))


def test_the_mean_matrix_has_the_mean_uar_of_the_seeds():
    seeds = np.stack([made_up(5, seed=seed) for seed in range(3)])
    each = metrics.uar(seeds.sum(axis=1))
    assert permutation.speaker_shares(seeds.mean(0)).sum() == pytest.approx(each.mean())


@pytest.mark.parametrize("speakers", [1, 2, 4, 7])
def test_exact_test_equals_brute_force(speakers):
    models = np.stack([made_up(speakers, seed=seed) for seed in range(3)])
    tests = permutation.paired_tests(permutation.speaker_shares(models))
    assert tests.exact
    assert tests.smallest == min(1, 2 / 2**speakers)
    for i, j in itertools.permutations(range(3), 2):
        assert tests.p[i, j] == pytest.approx(brute_force_p(models[i], models[j]))


def test_random_test_is_near_the_exact_one_and_repeats():
    models = np.stack([made_up(13, seed=1, counts=3), made_up(13, seed=5, counts=3)])
    tests = permutation.paired_tests(permutation.speaker_shares(models), seed=3)
    assert not tests.exact
    assert tests.smallest == 1 / 10_001
    d = np.subtract(*permutation.speaker_shares(models))
    signs = np.array(list(itertools.product([1, -1], repeat=13)))
    exact = np.mean(np.abs(signs @ d) >= abs(d.sum()) - 1e-10)
    assert tests.p[0, 1] == pytest.approx(exact, abs=0.02)
    assert np.array_equal(tests.p, permutation.paired_tests(permutation.speaker_shares(models), seed=3).p)


def test_a_model_that_is_always_better_gets_the_smallest_p_and_itself_gets_one():
    perfect, hopeless = np.tile(np.eye(2) * 5, (11, 1, 1)), np.tile(np.eye(2)[::-1] * 5, (11, 1, 1))
    tests = permutation.paired_tests(permutation.speaker_shares(np.stack([perfect, hopeless, perfect])))
    assert tests.p[0, 1] == tests.smallest == 2 / 2**11
    assert tests.p[0, 2] == tests.p[0, 0] == 1
