"""The reliability diagram's bins and the expected calibration error, derived a second time."""

import numpy as np
import pytest

from benchmark.scores import calibration
from benchmark.scores.calibration import reliability


def drawn(n=500, classes=4, seed=0):
    rng = np.random.default_rng(seed)
    return rng.dirichlet(np.full(classes, 0.4), n).round(4), rng.integers(0, classes, n)


def test_the_error_is_guo_s_sum_over_bins():
    probabilities, labels = drawn()
    error = 0.0
    for m in range(1, 11):  # B_m: top probability in ((m - 1) / 10, m / 10]
        inside = [
            (max(row), list(row).index(max(row)) == label)
            for row, label in zip(probabilities.tolist(), labels, strict=True)
            if (m - 1) / 10 < max(row) <= m / 10
        ]
        if inside:
            confidence, accuracy = np.mean([top for top, _ in inside]), np.mean([hit for _, hit in inside])
            error += len(inside) / len(labels) * abs(accuracy - confidence)
    assert reliability(probabilities, labels).error == pytest.approx(error)


def test_every_prediction_is_in_the_bin_that_it_belongs_in():
    probabilities, labels = drawn()
    found = reliability(probabilities, labels)
    assert found.count == len(labels)
    for one in found.bins:
        if one.count:
            assert one.low < one.confidence <= one.high
            assert 0 <= one.accuracy <= 1
        else:
            assert (one.confidence, one.accuracy) == (0, 0)


@pytest.mark.parametrize(("top", "place"), [(0.3, 2), (0.6, 5), (0.7, 6), (0.7001, 7), (1.0, 9)])
def test_bins_are_closed_above(top, place):
    row = np.array([[top, *[(1 - top) / 9] * 9]])
    counts = [one.count for one in reliability(row, np.zeros(1, dtype=int)).bins]
    assert counts.index(1) == place


def test_sure_and_right_has_no_error_and_sure_and_wrong_has_all():
    certain = np.eye(3)
    assert reliability(certain, np.arange(3)).error == 0
    assert reliability(certain, np.array([1, 2, 0])).error == 1


def test_ties_are_the_lowest_index_as_in_scores():
    half = np.array([[0.5, 0.5]])
    assert reliability(half, np.array([0])).bins[4].accuracy == 1
    assert reliability(half, np.array([1])).bins[4].accuracy == 0


def test_a_temperature_at_its_bound_is_known_as_one():
    certain = np.tile([0.7, 0.3], (10, 1))
    right, mixed, most = np.zeros(10, dtype=int), np.arange(10) % 2, np.arange(10) // 7
    low, high = calibration.temperature(right, certain), calibration.temperature(mixed, certain)
    assert (low, high) == (0.0498, 20.0855)
    assert calibration.at_bound(low)
    assert calibration.at_bound(high)
    assert not calibration.at_bound(0.06)
    assert not calibration.at_bound(19.0)
    assert calibration.temperature(most, certain) == 1
