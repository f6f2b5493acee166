"""The difference that can be shown."""

import numpy as np
import pytest

from benchmark.scores import difference, permutation
from benchmark.scores.variance import NONE, Variance


def test_more_clips_are_no_scatter():
    weights = np.array([0.1, 0.2, 0.7])
    assert difference.variance(0.3 * weights, weights).value == pytest.approx(0)


def test_one_unit_shows_no_scatter():
    assert difference.variance(np.array([0.1]), np.array([0.1 + 0.2 + 0.7])) == NONE


@pytest.mark.parametrize(("speakers", "smallest"), [(2, 1 / 2), (4, 1 / 8), (5, 1 / 16)])
def test_no_difference_can_be_shown_where_the_smallest_p_is_not_below_five_percent(speakers, smallest):
    assert difference.detectable(Variance(0.01, 3), speakers=speakers, smallest=smallest) is None


def test_of_equals_any_difference_would_show():
    assert difference.detectable(NONE, speakers=10, smallest=1 / 512) == 0


@pytest.mark.parametrize("speakers", [6, 7, 8, 10, 12])
def test_a_detectable_difference_is_found_in_80_percent_of_worlds(speakers):
    subsets = permutation._all_signs(speakers)
    known = Variance(1 / speakers, speakers - 1)  # of a mean, with scatter 1
    least = difference.detectable(known, speakers=speakers, smallest=1 / len(subsets))
    worlds = np.random.default_rng(0).normal(least, 1, (2000, speakers))
    hits = np.abs(worlds @ subsets.T) >= np.abs(worlds.sum(axis=1))[:, None] - 1e-10
    assert np.mean(hits.mean(axis=1) < 0.05) == pytest.approx(0.8, abs=0.05)


def test_as_many_speakers_as_are_needed_show_two_points_and_one_less_does_not():
    known = Variance(0.0009, 9)
    n = difference.speakers_needed(known, speakers=10)
    for speakers, shown in ((n, True), (n - 1, False)):
        like = Variance(known.value * 10 / speakers, known.freedom * speakers / 10)
        least = difference.detectable(like, speakers=speakers, smallest=2.0 ** (1 - speakers))
        assert (least <= 0.02) is shown
    assert difference.speakers_needed(Variance(0.0, 0), speakers=10) == 6  # fewer cannot show any
