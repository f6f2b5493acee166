"""The tables as files: what a title can hold does nothing where they are opened."""

import csv
import io

import made_up
import pytest

from benchmark.ranking import leaderboard
from benchmark.website import exports


def rows(name):
    """The CSV of a protocol and of the overview, whose one model has this name."""
    boards = leaderboard.build([made_up.record(model=name)], protocols={}, corpora={})
    found = dict(exports.tables(boards))
    return [
        next(csv.DictReader(io.StringIO(found[f"derived/{file}.csv"].decode(), newline="")))
        for file in ("toy", "overview")
    ]


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1-2", "-2+3", "@SUM(1)", "\uff1d1", "-cmd|' /C calc'!A0", '="a",b'],
)
def test_text_that_a_spreadsheet_takes_for_a_formula_is_quoted(name):
    assert [row["model"] for row in rows(name)] == [f"'{name}"] * 2


@pytest.mark.parametrize("name", ["\t=1", "\r=1", "\r\n =1", "=1\r"])
def test_a_cell_stays_on_its_line(name):
    assert [row["model"] for row in rows(name)] == ["'=1"] * 2


@pytest.mark.parametrize("name", ["a=b", "cnn-1", "a+b", "me@here", "'=1", "-1.5", "+2e-3"])
def test_other_text_and_numbers_stay(name):
    assert [row["model"] for row in rows(name)] == [name] * 2


def test_numbers_below_zero_are_numbers():
    assert exports._csv([[-1.5, -2, None, "-0.250000"]]) == b"-1.5,-2,,-0.250000\n"
