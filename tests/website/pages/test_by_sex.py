"""UAR by the sex of the speaker."""

import numpy as np
import pytest

from benchmark.scores import metrics
from benchmark.website.pages.by_sex import by_sex

MATRICES = np.array([[[3, 1], [2, 2]], [[4, 0], [0, 4]], [[1, 3], [4, 0]]], dtype=float)


def test_the_clips_of_one_sex_are_pooled():
    found = by_sex(MATRICES, ["a", "b", "c"], {"a": "female", "b": "male", "c": "female"})
    assert (found.women, found.men) == (2, 1)
    assert found.uar_women == pytest.approx((4 / 8 + 2 / 8) / 2)
    assert found.uar_men == metrics.uar(MATRICES[1]) == 1
    assert found.gap == pytest.approx(-62.5)


def test_one_sex_alone_has_no_gap():
    found = by_sex(MATRICES, ["a", "b", "c"], dict.fromkeys("abc", "male"))
    assert (found.women, found.uar_women, found.gap) == (0, None, None)
    assert found.uar_men == pytest.approx(metrics.uar(MATRICES.sum(axis=0)))


def test_speakers_that_are_not_known_do_not_count():
    found = by_sex(MATRICES, ["x", "y", "z"], {"a": "female"})
    assert (found.women, found.men, found.gap) == (0, 0, None)
