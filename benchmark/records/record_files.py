"""Record files: where they lie, how they are written, read and found."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmark.records import prediction_table
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import BOARD_NAMES, SCHEMA, Record
from benchmark.storage import bounds, canonical, files
from benchmark.storage.bounds import LARGEST
from protocols.errors import RecordError

SITE = ".unheard-site.json"  # lies in a folder in which a site was built
IN_A_SITE = Path("data/records")  # where that has copies of its records
WORK = ".work"  # in a results folder: what runs have not finished, or keep for later ones
VERIFICATIONS, ROBUSTNESS = BESIDE = "verifications", "robustness"  # folders of evidence about records


def in_a_site(number: int) -> Path:
    """Where a site has copies of the records of its folder of this number, from 0."""
    return IN_A_SITE.with_name(f"{IN_A_SITE.name}-{number + 1}") if number else IN_A_SITE


def place(root: Path, board: str, protocol: str, model: str, seed: int) -> Path:
    """Where a record lies below the results folder; `board` is its board's name."""
    return root / board / protocol / model / f"seed-{seed}.json"


def place_of(root: Path, record: Record) -> Path:
    """Where this record lies below the results folder."""
    return place(root, record.board_name, record.protocol.name, record.model.name, record.seed)


def predictions_place(record: Path) -> Path:
    """Where the predictions of the record at a path lie."""
    return record.with_suffix(".csv.gz")


def beside(record: Path, folder: str) -> Path:
    """Where evidence about the record at a path lies: in a folder of the results, under the record's name."""
    above = results(record)
    return above / folder / record.absolute().relative_to(above)


def all_beside(record: Path) -> list[Path]:
    """Where files of evidence about the record at a path may lie."""
    places = [beside(record, folder) for folder in BESIDE]
    return [*places, *map(predictions_place, places)]


def results(record: Path) -> Path:
    """The results folder of the record at a path."""
    above = record.absolute().parents
    return above[min(3, len(above) - 1)]  # a record may have been taken out of its folders


def find(root: Path) -> Iterator[Path]:
    """Paths of all records below a results folder, sorted; RecordError where a folder of it hides some."""
    for board in sorted(BOARD_NAMES):
        refuse_hidden(root / board)
        yield from sorted((root / board).glob("*/*/seed-*.json"))


def refuse_hidden(folder: Path) -> None:
    """RecordError where a folder below cannot be read: whoever searches by a pattern would pass it over."""

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise RecordError(f"{error.filename}: cannot be read: {error.strerror}") from error

    for _ in os.walk(folder, onerror=refuse):
        pass


def encode(record: Record) -> bytes:
    """The record's text, as git keeps it; RecordError where `read` would refuse it, before it is written."""
    data = canonical.encode(record)
    path = place_of(Path(), record)
    bounds.refuse_large(path, data)
    decode(path, data)
    return data


def read(path: Path) -> Record:
    """The record at a path; RecordError where it cannot be read or has another schema."""
    return decode(path, content(path))


def content(path: Path) -> bytes:
    """The bytes of the record's file at a path; RecordError where it cannot be read, or is too large."""

    def start() -> bytes:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)

    return bounds.bounded(path, start)


def decode(path: Path, data: bytes) -> Record:
    """The record in these bytes, read from a path; RecordError where they are none, or of another schema."""
    try:
        bounds.refuse(data)
        schema = msgspec.json.decode(data, type=dict[str, msgspec.Raw]).get("schema", msgspec.Raw(b"none"))
        if bytes(schema) != str(SCHEMA).encode():
            raise RecordError(f"{path}: schema {_named(bytes(schema))}")
        return msgspec.json.decode(data, type=Record)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise RecordError(f"{path}: not a record: {error}") from error


def _named(schema: bytes) -> str:
    """Another schema than today's, and what to do about it."""
    if schema == b"1":
        return "1 is an earlier version's. To convert it: python -m benchmark.verification.conversion DIR."
    return f"{schema.decode()[:20]} is unknown; this version reads {SCHEMA}."


def write(path: Path, record: Record, predictions: Predictions) -> None:
    """Write predictions, then the record that vouches for them, each whole or not at all.

    RecordError where one of them could not be read again; then neither is written.
    """
    data, table = encode(record), prediction_table.encode(predictions, record.labels)
    prediction_table.decode(predictions_place(path), table, record.labels)
    files.write(predictions_place(path), gzip.compress(table, mtime=0))
    files.write(path, data)
