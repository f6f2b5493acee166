"""Axes: where values lie, and which are marked."""

import pytest

from benchmark.website.figures import scale


def test_a_logarithmic_axis_holds_its_values_between_round_numbers():
    axis = scale.logarithmic([3e6, 6e8], 0, 1000)
    assert (axis.low, axis.high) == (2e6, 1e9)
    assert (axis.at(2e6), axis.at(1e9)) == (0, 1000)
    assert axis.at(6e7) - axis.at(6e6) == pytest.approx(axis.at(6e8) - axis.at(6e7), abs=0.11)


def test_marks_are_powers_of_ten_first_and_never_crowd():
    wide, narrow = (scale.logarithmic([3e6, 6e8], 0, end) for end in (1000, 160))
    assert wide.marks == (2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8, 5e8, 1e9)
    assert narrow.marks == (1e7, 1e8, 1e9)


def test_an_axis_of_shares_fits_its_values():
    axis = scale.shares([0.42, 0.58], 488, 62)
    assert (axis.low, axis.high) == (0.4, 0.6)
    assert axis.marks == (0.4, 0.45, 0.5, 0.55, 0.6)
    assert scale.shares([0.0, 1.0], 488, 62).marks == (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
