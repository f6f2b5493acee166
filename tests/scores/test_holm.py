"""Holm's correction and the places that follow, by hand."""

import numpy as np
import pytest

from benchmark.scores import holm


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
