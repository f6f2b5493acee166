"""The log of a results folder."""

import re

import pytest

from benchmark.records import results_log
from benchmark.records.results_log import Line
from protocols.errors import RecordError

HEADER = "date,board,protocol,model,what\n"


def test_lines_are_read_and_a_folder_without_a_log_has_none(tmp_path):
    assert results_log.read(tmp_path) == []
    (tmp_path / "log.csv").write_text(f'{HEADER}2030-01-31,official,savee-loso,,"retired, all of them"\n')
    assert results_log.read(tmp_path) == [
        Line("2030-01-31", "official", "savee-loso", "", "retired, all of them")
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("day,what\n", "its first line must be date,board,protocol,model,what"),
        ("", "is no CSV with the header"),
        (f"{HEADER}yesterday,official,,,why\n", "entry 2 must have a day such as 2030-01-31"),
        (f"{HEADER}2030-01-31,other,,,why\n", "a board (official, official-small, derived, "),
        (f"{HEADER}2030-01-31,official,,,\n", "and what happened"),
        (f"{HEADER}2030-01-31,official\n", "entry 2"),
    ],
)
def test_a_log_that_makes_no_sense_is_named(tmp_path, text, why):
    (tmp_path / "log.csv").write_text(text)
    with pytest.raises(RecordError, match=re.escape(why)):
        results_log.read(tmp_path)


def test_it_is_only_ever_added_to(tmp_path):
    now, then = tmp_path / "now", tmp_path / "then"
    for folder in (now, then):
        folder.mkdir()
    assert results_log.only_added_to(now, then)
    (now / "log.csv").write_text(HEADER)
    assert results_log.only_added_to(now, then)
    (then / "log.csv").write_text(f"{HEADER}2030-01-31,official,,,why\n")
    assert not results_log.only_added_to(now, then)
    (now / "log.csv").write_text(f"{HEADER}2030-01-31,official,,,why\n2030-02-01,official,,,more\n")
    assert results_log.only_added_to(now, then)
    (now / "log.csv").unlink()
    assert not results_log.only_added_to(now, then)
