"""What so many trials are expected to find, derived a second time by drawing all of them."""

from itertools import product

import numpy as np
import pytest

from benchmark.scores.expected_best import expected_best


def test_it_is_the_mean_of_the_highest_of_all_draws():
    scores = [0.5, 0.2, 0.9, 0.2]
    draws = [np.mean([max(drawn) for drawn in product(scores, repeat=k)]) for k in range(1, 5)]
    assert expected_best(np.array(scores)) == pytest.approx(draws)
