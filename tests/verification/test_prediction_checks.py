"""Predictions that are doctored are found and named."""

import gzip
import json
import re

import pytest
from honest import change, problems

from benchmark.cli.main import main
from benchmark.records import prediction_table, record_files
from benchmark.storage import bounds

pytestmark = pytest.mark.slow


def change_rows(path, doctor, *, vouch=True):
    """Doctor the rows of the predictions; `vouch` puts their new digest into the record."""
    place = record_files.predictions_place(path)
    header, *lines = gzip.decompress(place.read_bytes()).decode().splitlines()
    rows = [line.split(",") for line in lines]
    rows = doctor(rows) or rows
    text = "\n".join([header, *(",".join(row) for row in rows)]) + "\n"
    place.write_bytes(gzip.compress(text.encode(), mtime=0))
    if vouch:
        _, digest = prediction_table.read(place, json.loads(path.read_text())["labels"])
        change(path, "predictions", digest)


def set_value(value, column=2):
    def doctor(rows):
        rows[0][column] = value

    return doctor


def swap_clips(rows):
    rows[0][0], rows[-1][0] = rows[-1][0], rows[0][0]


def swap_probabilities(rows):
    """Of two clips of one fold and different classes, with different probabilities."""
    other = next(
        row for row in rows if row[1] == rows[0][1] and row[0][5] != rows[0][0][5] and row[2:] != rows[0][2:]
    )
    rows[0][2:], other[2:] = other[2:], rows[0][2:]


def flip(rows):
    """All belief in the class that had least."""
    least = min(range(2, 9), key=lambda column: float(rows[0][column]))
    rows[0][2:] = ["1.0000" if column == least else "0.0000" for column in range(2, 9)]


IN_THE_ROWS = {
    "NaN": (set_value("nan"), "{clip}: its probabilities are not finite"),
    "infinite": (set_value("inf"), "{clip}: its probabilities are not finite"),
    "negative": (set_value("-0.1000"), "{clip}: its probabilities are not in [0, 1]"),
    "above one": (set_value("1.1000"), "{clip}: its probabilities are not in [0, 1]"),
    "a sum of two": (
        lambda rows: rows[0].__setitem__(slice(2, None), ["1.0000"] * 2 + ["0.0000"] * 5),
        "{clip}: its probabilities are not of sum 1",
    ),
    "a missing clip": (lambda rows: rows[1:], "1 of 25 test clips have no row, first {clip}"),
    "a double clip": (lambda rows: [rows[0], *rows], "{clip} has two rows"),
    "a strange clip": (set_value("99z99Zz", 0), "99z99Zz is no test clip of this record"),
    "a training clip": (set_value("16a01Fc", 0), "16a01Fc is no test clip of this record"),
    "the wrong fold": (set_value("1", 1), "{clip} is tested in fold 0, not 1"),
    "clips of two folds swapped": (swap_clips, "{clip} is tested in fold 0, not 1"),
    "no rows": (lambda rows: rows.clear(), "25 of 25 test clips have no row, first {clip}"),
}


@pytest.mark.parametrize("kind", IN_THE_ROWS)
def test_what_is_doctored_in_the_predictions_is_named(record, results, kind, capsys):
    doctor, message = IN_THE_ROWS[kind]
    first = gzip.decompress(record_files.predictions_place(record).read_bytes()).decode().splitlines()[1]
    change_rows(record, doctor)
    assert message.format(clip=first.split(",")[0]) in problems(record)
    assert main(["verify", str(record)]) == 2
    assert message.format(clip=first.split(",")[0]) in capsys.readouterr().out
    assert results.is_dir()


@pytest.mark.parametrize("doctor", [flip, swap_probabilities])
def test_changed_probabilities_do_not_give_the_scores(record, doctor):
    change_rows(record, doctor)
    assert any(problem.startswith("scores.cross_entropy is") for problem in problems(record))


def test_a_changed_prediction_is_found_in_its_speaker(record):
    change_rows(record, flip)
    assert any(problem.startswith("speakers.03 is") for problem in problems(record))


def test_a_changed_digit_that_changes_no_score_is_found_by_the_digest(record):
    def last_digit(rows):
        """Move 1e-4 between two classes that are not the true one, nor the predicted one."""
        predicted = max(range(2, 9), key=lambda column: float(rows[0][column]))
        happiness = 2 + 4  # the first clip's class
        one, other = [c for c in range(2, 9) if c not in (predicted, happiness) and float(rows[0][c]) > 1e-3][
            :2
        ]
        rows[0][one] = f"{float(rows[0][one]) - 1e-4:.4f}"
        rows[0][other] = f"{float(rows[0][other]) + 1e-4:.4f}"

    change_rows(record, last_digit, vouch=False)
    assert problems(record) == ["the predictions file is not the one that the record was written with"]


def in_the_text(record, doctor):
    place = record_files.predictions_place(record)
    place.write_bytes(gzip.compress(doctor(gzip.decompress(place.read_bytes()).decode()).encode()))
    return problems(record)


COLUMNS = {
    "a strange column": lambda text: text.replace("\n", ",joy\n", 1),
    "swapped labels": lambda text: text.replace("anger,boredom", "boredom,anger", 1),
    "a class less": lambda text: text.replace(",sadness\n", "\n", 1),
    "no header": lambda text: text.split("\n", 1)[1],
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_strange_columns(record, kind):
    (found,) = in_the_text(record, COLUMNS[kind])
    place = record_files.predictions_place(record)
    assert found.startswith(f"{place}: not a table of predictions: the columns must be clip, fold, anger")


def test_a_row_of_other_length(record):
    (found,) = in_the_text(record, lambda text: text + "x,0,1.0\n")
    assert "line 27 has 3 columns" in found


def test_more_decimals_than_are_kept(record):
    found = in_the_text(record, lambda text: re.sub(r"(0\.\d{4}),", r"\g<1>01,", text, count=1))
    assert any("its probabilities are not rounded to 4 decimals" in problem for problem in found), found


def test_predictions_that_are_cut_short(record):
    place = record_files.predictions_place(record)
    place.write_bytes(place.read_bytes()[:-20])
    assert problems(record) == [
        f"{place}: cannot be read: Compressed file ended before the end-of-stream marker was reached"
    ]


def test_predictions_that_unpack_to_too_much(record):
    place = record_files.predictions_place(record)
    place.write_bytes(gzip.compress(bytes(2 * bounds.LARGEST)))
    assert problems(record) == [f"{place}: larger than 8 MiB; a record is never so large."]


def test_no_predictions(record):
    record_files.predictions_place(record).unlink()
    assert problems(record) == [
        f"{record_files.predictions_place(record)}: cannot be read: No such file or directory"
    ]
