"""Predictions of a record: one row a test clip, as packed CSV."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
from msgspec import Struct

from benchmark.records.schema import DECIMALS, Record
from benchmark.storage import bounds
from benchmark.storage.bounds import LARGEST
from protocols.errors import RecordError


class Predictions(Struct, frozen=True):
    """One row a test clip, ordered by fold, then clip."""

    clips: list[str]
    folds: np.ndarray  # (n,) int
    probabilities: np.ndarray  # (n, classes), rounded


PredictionsOf = Callable[[Record], Predictions | None]  # a record's predictions, where its files are at hand


def encode(predictions: Predictions, labels: list[str]) -> bytes:
    """CSV text: clip, fold, and a probability for each label."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["clip", "fold", *labels])
    for clip, fold, row in zip(predictions.clips, predictions.folds, predictions.probabilities, strict=True):
        rows.writerow([clip, fold, *(f"{p:.{DECIMALS}f}" for p in row)])
    return text.getvalue().encode()


def read(path: Path, labels: list[str]) -> tuple[Predictions, str]:
    """The predictions at a path and the SHA-256 of their text; RecordError where they are no such table."""

    def unpacked() -> bytes:
        with gzip.open(path) as file:
            return file.read(LARGEST + 1)

    data = bounds.bounded(path, unpacked)
    return decode(path, data, labels), hashlib.sha256(data).hexdigest()


def decode(path: Path, data: bytes, labels: list[str]) -> Predictions:
    """The predictions in this text, read from a path; RecordError where they are no such table."""
    bounds.refuse_large(path, data)
    try:
        rows = list(_rows(data.decode(), ["clip", "fold", *labels]))
        return Predictions(
            clips=[row[0] for row in rows],
            folds=np.array([int(row[1]) for row in rows], dtype=np.int64),
            probabilities=np.array([[float(p) for p in row[2:]] for row in rows]).reshape(
                len(rows), len(labels)
            ),
        )
    except (ValueError, OverflowError, csv.Error) as error:
        raise RecordError(f"{path}: not a table of predictions: {error}") from error


def _rows(text: str, columns: list[str]) -> Iterator[list[str]]:
    """The rows below the header; ValueError at the first that has other columns, before more are read."""
    reader = csv.reader(io.StringIO(text))
    if next(reader, None) != columns:
        raise ValueError(f"the columns must be {', '.join(columns)}")
    for row in reader:
        if len(row) != len(columns):
            raise ValueError(
                f"line {reader.line_num} has {len(row)} columns; the columns must be {', '.join(columns)}"
            )
        yield row


def of_digest(path: Path, labels: Sequence[str], digest: str) -> Predictions | None:
    """The predictions at a path; None where they are not there, or are not those with this SHA-256."""
    try:
        predictions, found = read(path, list(labels))
    except RecordError:
        return None
    return predictions if found == digest else None
