"""Each statistic is derived a second time from its formula, by brute force."""

import itertools

import numpy as np
import pytest

from benchmark.scores import bootstrap, holm, metrics, permutation


def made_up(speakers, classes=3, *, seed=0, counts=6):
    """Confusion matrices of one model, (speakers, classes, classes), `counts` clips a class and speaker."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(counts, rng.dirichlet(np.ones(classes), (speakers, classes))).astype(float)


def brute_force_p(a, b):
    """Swap the matrices themselves for every subset of the speakers, and pool."""

    def difference(swapped):
        first = [y if s else x for x, y, s in zip(a, b, swapped, strict=True)]
        second = [x if s else y for x, y, s in zip(a, b, swapped, strict=True)]
        return abs(metrics.uar(sum(first)) - metrics.uar(sum(second)))

    observed = difference([False] * len(a))
    subsets = list(itertools.product([False, True], repeat=len(a)))
    return sum(difference(subset) >= observed - 1e-10 for subset in subsets) / len(subsets)


def test_parts_sum_to_the_pooled_uar():
    matrices = made_up(7)
    matrices[:, 1] = 0  # a class without clips
    assert permutation.speaker_shares(matrices).sum() == pytest.approx(metrics.uar(matrices.sum(0)))


def test_the_mean_matrix_has_the_mean_uar_of_the_seeds():
    seeds = np.stack([made_up(5, seed=seed) for seed in range(3)])
    each = metrics.uar(seeds.sum(axis=1))
    assert permutation.speaker_shares(seeds.mean(0)).sum() == pytest.approx(each.mean())


@pytest.mark.parametrize("speakers", [1, 2, 4, 7])
def test_exact_swap_test_equals_brute_force(speakers):
    models = np.stack([made_up(speakers, seed=seed) for seed in range(3)])
    swaps = permutation.paired_tests(permutation.speaker_shares(models))
    assert swaps.exact
    assert swaps.smallest == min(1, 2 / 2**speakers)
    for i, j in itertools.permutations(range(3), 2):
        assert swaps.p[i, j] == pytest.approx(brute_force_p(models[i], models[j]))


def test_random_swap_test_is_near_the_exact_one_and_repeats():
    models = np.stack([made_up(13, seed=1, counts=3), made_up(13, seed=5, counts=3)])
    swaps = permutation.paired_tests(permutation.speaker_shares(models), seed=3)
    assert not swaps.exact
    assert swaps.smallest == 1 / 10_001
    d = np.subtract(*permutation.speaker_shares(models))
    signs = np.array(list(itertools.product([1, -1], repeat=13)))
    exact = np.mean(np.abs(signs @ d) >= abs(d.sum()) - 1e-10)
    assert swaps.p[0, 1] == pytest.approx(exact, abs=0.02)
    assert np.array_equal(swaps.p, permutation.paired_tests(permutation.speaker_shares(models), seed=3).p)


def test_a_model_that_is_always_better_gets_the_smallest_p_and_itself_gets_one():
    perfect, hopeless = np.tile(np.eye(2) * 5, (11, 1, 1)), np.tile(np.eye(2)[::-1] * 5, (11, 1, 1))
    swaps = permutation.paired_tests(permutation.speaker_shares(np.stack([perfect, hopeless, perfect])))
    assert swaps.p[0, 1] == swaps.smallest == 2 / 2**11
    assert swaps.p[0, 2] == swaps.p[0, 0] == 1


def test_interval_needs_ten_speakers():
    assert bootstrap.interval(made_up(9)) is None
    assert bootstrap.interval(made_up(10)) is not None


def test_interval_of_equal_speakers_is_a_point():
    low, high = bootstrap.interval(np.tile(made_up(1), (12, 1, 1)))
    assert low == pytest.approx(high) == pytest.approx(metrics.uar(made_up(1)[0]))


def test_interval_equals_a_plain_loop_over_the_same_draws():
    matrices = made_up(11, seed=4)
    times = np.random.default_rng(8).multinomial(11, np.full(11, 1 / 11), size=200)
    uars = [metrics.uar(sum(n * m for n, m in zip(row, matrices, strict=True))) for row in times]
    low, high = bootstrap.interval(matrices, seed=8, draws=200, level=0.9)
    assert (low, high) == pytest.approx(tuple(np.quantile(uars, [0.05, 0.95])))


def test_interval_survives_draws_that_lack_a_class():
    matrices = np.zeros((10, 2, 2))
    matrices[:, 0, 0] = 1
    matrices[0, 1, 0] = 1  # only one speaker has the second class
    assert bootstrap.interval(matrices) == (0.5, 1.0)


def test_speaker_uars_average_over_the_classes_that_a_speaker_has():
    matrices = np.array([[[2, 2], [0, 0]], [[0, 4], [0, 4]]])
    assert metrics.speaker_uars(matrices).tolist() == [0.5, 0.5]


def test_holm_by_hand():
    adjusted = holm.holm(np.array([0.01, 0.04, 0.03, 0.005]))
    assert adjusted == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm.holm(np.array([0.5, 0.9])) == pytest.approx([1.0, 1.0])


def test_against_best_leaves_the_best_out_of_the_family():
    p = np.array([[1, 0.02, 0.03], [0.02, 1, 0.9], [0.03, 0.9, 1]])
    assert holm.against_best(np.array([0.2, 0.9, 0.1]), p) == pytest.approx([0.04, np.nan, 0.9], nan_ok=True)


def test_places_by_hand():
    p = np.array([[1, 0.5, 0.001], [0.5, 1, 0.03], [0.001, 0.03, 1]])
    # Holm in the second's family: 0.03 * 2 = 0.06, not significant; in the third's: 0.002 and 0.03 are.
    assert holm.place_ranges(np.array([0.9, 0.8, 0.1]), p).tolist() == [[1, 2], [1, 3], [3, 3]]


def test_places_of_one_model_and_of_equals():
    assert holm.place_ranges(np.array([0.4]), np.ones((1, 1))).tolist() == [[1, 1]]
    assert holm.place_ranges(np.array([0.4, 0.4]), np.ones((2, 2))).tolist() == [[1, 2], [1, 2]]
