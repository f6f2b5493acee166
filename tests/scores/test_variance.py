"""Variances and their degrees of freedom, by hand."""

import pytest

from benchmark.scores import variance
from benchmark.scores.variance import NONE, Variance


def test_freedom_is_that_of_the_part_that_dominates():
    found = variance.summed([Variance(3.0, 9), Variance(1.0, 2), NONE])
    assert found.value == 4
    assert found.freedom == pytest.approx(4**2 / (3**2 / 9 + 1**2 / 2))
    assert variance.summed([Variance(2.0, 5), NONE]) == Variance(2.0, 5)
    assert variance.summed([NONE, NONE]) == variance.summed([]) == NONE


def test_a_mean_of_two_has_a_quarter_of_the_variance_of_their_sum():
    found = variance.of_mean([Variance(4.0, 10), NONE])
    assert (found.value, found.error, found.freedom) == (1.0, 1.0, 10)
