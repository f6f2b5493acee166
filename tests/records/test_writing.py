"""A record is written whole, after its predictions, and only where it can be read again."""

import gzip
from functools import partial
from itertools import count

import dying
import made_up
import numpy as np
import pytest
from msgspec.structs import replace
from reading import contents

from benchmark.records import prediction_table, record_files
from benchmark.storage import bounds, files
from protocols.errors import RecordError

TABLE = prediction_table.Predictions(["a", "b"], np.array([0, 1]), np.array([[0.5, 0.25, 0.25]] * 2))


def place(root):
    return record_files.place(root, "derived", "toy", "logreg", 0)


def test_killed_before_any_step_it_is_whole_or_not_there_and_then_the_same(tmp_path):
    made = made_up.record()
    record_files.write(place(tmp_path / "whole"), made, TABLE)
    whole = contents(tmp_path / "whole")
    for step in count(1):
        path = place(tmp_path / str(step))
        if not dying.dies(partial(record_files.write, path, made, TABLE), step=step):
            break
        if path.exists():
            assert record_files.read(path) == made
            assert record_files.predictions_place(path).is_file()
        for each in (path, record_files.predictions_place(path)):
            files.sweep(each)
        record_files.write(path, made, TABLE)
        assert contents(tmp_path / str(step)) == whole
    assert step > 8


def refuse(made, table, tmp_path, words):
    with pytest.raises(RecordError, match=words):
        record_files.write(place(tmp_path), made, table)
    assert not list(tmp_path.rglob("*.*"))


def nested(depth):
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": {"words": "A" * bounds.LARGEST}}, "logreg/seed-0.json: larger than 8 MiB"),
        ({"key": {"n": 2**60}}, "not a record: the integer 1152921504606846976 is beyond"),
        ({"key": nested(bounds.DEEPEST)}, "it is nested 41 deep"),
        ({"seed": float("nan")}, "not a record: Expected `int`, got `null`"),
    ],
    ids=["too large", "a large integer", "deep", "not a number"],
)
def test_a_record_that_no_command_could_read_is_not_written(tmp_path, changes, words):
    refuse(replace(made_up.record(), **changes), TABLE, tmp_path, words)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"clips": ["a" * bounds.LARGEST, "b"]}, "seed-0.csv.gz: larger than 8 MiB"),
        ({"clips": ["a\r", "b"]}, "not a table of predictions"),
    ],
    ids=["too large", "a name of two lines"],
)
def test_predictions_that_no_command_could_read_are_not_written(tmp_path, changes, words):
    refuse(made_up.record(), replace(TABLE, **changes), tmp_path, words)


def test_of_predictions_that_unpack_to_much_no_more_is_read_than_an_honest_record_has(tmp_path, monkeypatch):
    path, asked = tmp_path / "seed-0.csv.gz", []
    path.write_bytes(gzip.compress(bytes(9 << 20)))
    read = gzip.GzipFile.read
    monkeypatch.setattr(gzip.GzipFile, "read", lambda file, size=-1: asked.append(size) or read(file, size))
    with pytest.raises(RecordError, match="larger than 8 MiB"):
        prediction_table.read(path, ["anger"])
    assert asked == [bounds.LARGEST + 1]
