import gzip
import hashlib
import json
import re

import msgspec
import numpy as np
import pytest
from made_up import record as make

from benchmark.records import prediction_table, record_files
from benchmark.records import schema as schema_module
from benchmark.records.prediction_table import Predictions
from benchmark.storage import bounds, files
from protocols.errors import RecordError

LABELS = ["anger", "joy", "neutral"]
TABLE = Predictions(
    clips=["b", "a", "c"],
    folds=np.array([0, 0, 1]),
    probabilities=np.array([[0.2, 0.3, 0.5], [1.0, 0.0, 0.0], [0.3333, 0.3333, 0.3334]]),
)
TEXT = (
    "clip,fold,anger,joy,neutral\n"
    "b,0,0.2000,0.3000,0.5000\na,0,1.0000,0.0000,0.0000\nc,1,0.3333,0.3333,0.3334\n"
)


@pytest.fixture
def written(tmp_path):
    path = record_files.place(tmp_path, "derived", "toy", "logreg", 0)
    record_files.write(path, make(), TABLE)
    return path


def doctored(path, **fields):
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))
    return path


def refused(path, message, **fields):
    if fields:
        doctored(path, **fields)
    with pytest.raises(RecordError, match=message) as error:
        record_files.read(path)
    assert str(error.value).startswith(f"{path}: ")


def test_where_a_record_lies(tmp_path, written):
    assert written == tmp_path / "derived" / "toy" / "logreg" / "seed-0.json"
    assert record_files.predictions_place(written) == written.with_name("seed-0.csv.gz")
    assert record_files.predictions_place(written).is_file()


def test_find_goes_by_board_then_name(tmp_path):
    for board, model, seed in [
        ("synthetic", "a", 0),
        ("derived", "b", 1),
        ("derived", "b", 0),
        ("other", "c", 0),
    ]:
        place = record_files.place(tmp_path, board, "toy", model, seed)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
    found = [path.relative_to(tmp_path).as_posix() for path in record_files.find(tmp_path)]
    assert found == [
        "derived/toy/b/seed-0.json",
        "derived/toy/b/seed-1.json",
        "synthetic/toy/a/seed-0.json",
    ]


def test_a_record_goes_round_to_the_byte(written):
    data = written.read_bytes()
    again = record_files.read(written)
    assert again == msgspec.convert(msgspec.to_builtins(make()), schema_module.Record)
    assert record_files.encode(again) == data


def test_the_text_is_sorted_and_ends_with_one_newline(written):
    text = written.read_text()
    assert text.endswith("}\n")
    assert not text.endswith("\n\n")

    def keys_are_sorted(pairs):
        assert [key for key, _ in pairs] == sorted(key for key, _ in pairs)
        return dict(pairs)

    json.loads(text, object_pairs_hook=keys_are_sorted)


def test_predictions_go_round_to_the_byte(written):
    table, digest = prediction_table.read(record_files.predictions_place(written), LABELS)
    assert table.clips == TABLE.clips
    assert table.folds.tolist() == TABLE.folds.tolist()
    assert table.probabilities.tolist() == TABLE.probabilities.tolist()
    assert digest == hashlib.sha256(TEXT.encode()).hexdigest()
    assert prediction_table.encode(table, LABELS).decode() == TEXT


def test_the_packed_bytes_are_the_same_every_time(tmp_path, monkeypatch):
    packed = []
    for second in (1_000_000_000, 1_900_000_000):
        monkeypatch.setattr("time.time", lambda second=second: second)
        path = tmp_path / str(second) / "seed-0.json"
        record_files.write(path, make(), TABLE)
        packed.append(record_files.predictions_place(path).read_bytes())
    assert packed[0] == packed[1]


def test_a_record_is_never_there_without_its_predictions(tmp_path, monkeypatch):
    """A kill between the two leaves predictions that nobody vouches for; the next run replaces them."""
    path = record_files.place(tmp_path, "derived", "toy", "logreg", 0)
    written, write = [], files.write

    def noted(place, data):
        written.append((place, path.exists()))
        write(place, data)

    monkeypatch.setattr(files, "write", noted)
    record_files.write(path, make(), TABLE)
    assert written == [(record_files.predictions_place(path), False), (path, False)]


def test_a_name_that_comes_twice(written):
    written.write_text('{"schema": 2, ' + written.read_text().lstrip("{\n"))
    refused(written, "not a record: the name 'schema' comes twice in one object")


@pytest.mark.parametrize("schema", [3, 0, "1", None, 1.5])
def test_an_unknown_schema(written, schema):
    refused(written, r"schema .* is unknown; this version reads 2\.", schema=schema)


def test_an_earlier_schema_is_answered_with_how_to_convert_it(written):
    cure = r"python -m benchmark\.verification\.conversion DIR"
    refused(written, rf"schema 1 is an earlier .*: {cure}", schema=1)


def test_no_schema(written):
    fields = json.loads(written.read_text())
    del fields["schema"]
    written.write_text(json.dumps(fields))
    refused(written, "schema none is unknown")


def test_another_schema_is_named_whatever_else_it_holds(written):
    written.write_text('{"schema": 7, "wholly": "different"}')
    refused(written, "schema 7 is unknown")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"sponsor": "me"}, "unknown field `sponsor`"),
        ({"seed": "0"}, r"Expected `int`, got `str` - at `\$.seed`"),
        ({"seed": 0.5}, r"Expected `int`.*\$.seed"),
        ({"board": "gold"}, r"Invalid enum value 'gold' - at `\$.board`"),
        ({"labels": None}, r"Expected `array`, got `null` - at `\$.labels`"),
        ({"speakers": {"s": [[0.5]]}}, r"Expected `int`, got `float`"),
        ({"scores": {"uar": 1}}, r"missing required field `accuracy` - at `\$.scores`"),
        (
            {"cost": {"by": "fvcore", "counts": [], "parameters": 1, "weights": 1, "training": 1}},
            r"its cost is not counted for 3.* s of speech - at `\$.cost`",
        ),
        ({"budget": {"trials": 1, "epochs": None, "folds": None, "luck": 1}}, "unknown field `luck`"),
    ],
)
def test_what_no_record_holds(written, fields, message):
    refused(written, f"not a record: .*{message}", **fields)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none(written, number):
    text = re.sub(r'"macro_f1": [0-9.]+', f'"macro_f1": {number}', written.read_text())
    assert number in text
    written.write_text(text)
    refused(written, "not a record")


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b'{"schema": 2}'])
def test_files_that_are_no_record(written, data):
    written.write_bytes(data)
    refused(written, "not a record")


def test_a_record_that_is_not_there(tmp_path):
    refused(tmp_path / "seed-0.json", "cannot be read: No such file or directory")


def test_a_record_that_is_too_large(written, monkeypatch):
    monkeypatch.setattr(bounds, "LARGEST", 2**20)
    written.write_bytes(b" " * (2**20 + 1))
    refused(written, "larger than 1 MiB")


def test_predictions_that_unpack_to_too_much(tmp_path, monkeypatch):
    monkeypatch.setattr(bounds, "LARGEST", 2**20)
    bomb = tmp_path / "seed-0.csv.gz"
    bomb.write_bytes(gzip.compress(bytes(2**24)))
    assert bomb.stat().st_size < 2**20
    table_refused(bomb, "larger than 1 MiB")


def table_refused(path, message):
    with pytest.raises(RecordError, match=message) as error:
        prediction_table.read(path, LABELS)
    assert str(error.value).startswith(f"{path}: ")


def test_predictions_that_are_not_there(tmp_path):
    table_refused(tmp_path / "seed-0.csv.gz", "cannot be read: No such file")


def test_predictions_that_are_not_packed(tmp_path):
    path = tmp_path / "seed-0.csv.gz"
    path.write_text(TEXT)
    table_refused(path, "cannot be read: Not a gzipped file")


def test_predictions_that_are_cut_short_or_altered(written):
    path = record_files.predictions_place(written)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    table_refused(path, "cannot be read")
    path.write_bytes(whole[:-5] + bytes([whole[-5] ^ 1]) + whole[-4:])
    table_refused(path, "cannot be read")
    path.write_bytes(whole[:15] + bytes([whole[15] ^ 255]) + whole[16:])
    table_refused(path, "cannot be read")


COLUMNS = "the columns must be clip, fold, anger, joy, neutral"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a table of predictions"),
        (TEXT.replace("anger", "angst"), COLUMNS),
        (TEXT.replace("anger,joy", "joy,anger"), COLUMNS),
        (TEXT.replace("0.5000\n", "0.5000,0.1\n"), COLUMNS),
        (TEXT.replace(",0.5000\n", "\n"), COLUMNS),
        (TEXT.replace("0.5000", "half"), "could not convert string to float: 'half'"),
        (TEXT.replace("c,1,", "c,one,"), "invalid literal for int"),
        (TEXT.replace("c,1,", f"c,{10**30},"), "not a table of predictions"),
        (TEXT + "d" * 200_000 + ",0,1,0,0\n", "not a table of predictions: field larger than"),
    ],
)
def test_what_is_no_table_of_predictions(tmp_path, text, message):
    path = tmp_path / "seed-0.csv.gz"
    path.write_bytes(gzip.compress(text.encode()))
    table_refused(path, message)


def test_predictions_that_are_not_text(tmp_path):
    path = tmp_path / "seed-0.csv.gz"
    path.write_bytes(gzip.compress(b"\xff\xfe\x00"))
    table_refused(path, "not a table of predictions: 'utf-8' codec")
