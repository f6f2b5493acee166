"""What a record's fold models predict of their test clips under acoustic conditions (docs/robustness.md).

    results/robustness/<board>/<protocol>/<model>/seed-<n>.json      the scores by condition
    results/robustness/<board>/<protocol>/<model>/seed-<n>.csv.gz    the predictions: "telephone/03a01Fa", ...

It is bound to one record by the digest of the record's key and the SHA-256 of its predictions. The record
itself is left as it is.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmark.records import prediction_table, record_files
from benchmark.records.answers import Answers
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import Environment, Facts, Record
from benchmark.scores import calibration, metrics
from benchmark.storage import bounds, canonical, files
from protocols.errors import RecordError

SCHEMA = 1
CLEAN = "clean"  # no condition at all: the record's own predictions


class Scores(Facts, frozen=True):
    """Of the predictions under one condition, all folds pooled; all in [0, 1]."""

    uar: float
    confidence: float  # the mean probability of the predicted class
    ece: float  # expected calibration error: benchmark.scores.calibration


class Made(Facts, frozen=True):
    """What differs from run to run."""

    finished: str  # UTC
    seconds: float  # of work, summed over folds, without features
    unheard: str  # version
    submitter: str = ""


class Robustness(Facts, frozen=True):
    schema: int
    key: str  # digest of the record's key
    clean: str  # SHA-256 of the record's predictions
    largest: (
        float  # difference of a probability between these models and the record, on the clips as they are
    )
    table: str  # digest of the table of conditions
    conditions: list[dict[str, Any]]  # of which there are predictions, spelt out, in the table's order
    lacking: dict[str, str]  # conditions that could not be had there, and why
    scores: dict[str, Scores]  # by condition, and CLEAN
    predictions: str  # SHA-256 of the unpacked predictions file
    environment: Environment
    run: Made

    @property
    def names(self) -> list[str]:
        """The conditions of which there are predictions."""
        return [str(condition.get("name")) for condition in self.conditions]

    @property
    def worst(self) -> str:
        """The condition with the lowest UAR; of several the first."""
        return min(self.names, key=lambda name: self.scores[name].uar)

    @property
    def at_worst(self) -> float:
        """The UAR there."""
        return self.scores[self.worst].uar


RobustnessOf = Callable[[Record], Robustness | None]  # of a record, where there is one that holds


def unmeasured(_record: Record) -> None:
    """Of records whose folder is not at hand."""


def place(record: Path) -> Path:
    """Where the robustness of the record at a path lies."""
    return record_files.beside(record, record_files.ROBUSTNESS)


def predictions_place(record: Path) -> Path:
    """Where its predictions lie."""
    return record_files.predictions_place(place(record))


def bound(found: Robustness, record: Record) -> bool:
    """Whether it is of this very record."""
    return found.key == canonical.digest(record.key) and found.clean == record.predictions


def scores(answers: Answers) -> Scores:
    """The scores that follow from answers."""
    matrix = metrics.confusion(answers.truth, answers.predicted, len(answers.labels))
    reliability = calibration.reliability(answers.probabilities, answers.truth)
    return Scores(
        uar=round(float(metrics.uar(matrix)), 6),
        confidence=round(float(answers.confidence.mean()), 6),
        ece=round(reliability.error, 6),
    )


def joined(by_condition: Mapping[str, Predictions]) -> Predictions:
    """Predictions under each condition as one table: clips are named "condition/clip"."""
    each = by_condition.values()
    return Predictions(
        clips=[f"{name}/{clip}" for name, one in by_condition.items() for clip in one.clips],
        folds=np.concatenate([one.folds for one in each]),
        probabilities=np.concatenate([one.probabilities for one in each]),
    )


def parted(table: Predictions, names: Sequence[str]) -> dict[str, Predictions]:
    """The predictions of a joined table by condition; RecordError where it has a row of no such condition."""
    rows: dict[str, list[int]] = {name: [] for name in names}
    for row, clip in enumerate(table.clips):
        name = clip.partition("/")[0]
        if name not in rows:
            raise RecordError(f"{clip[:80]}: is under no condition that it lists")
        rows[name].append(row)
    return {
        name: Predictions(
            clips=[table.clips[row].partition("/")[2] for row in own],
            folds=table.folds[own],
            probabilities=table.probabilities[own],
        )
        for name, own in rows.items()
    }


def read(path: Path) -> Robustness | None:
    """The robustness at a path, None where there is none; RecordError where it cannot be read."""
    if not path.exists() and not path.is_symlink():
        return None
    if strange := bounds.strange_kind(path, record_files.predictions_place(path)):
        raise RecordError(strange)
    data = bounds.bounded(path, path.read_bytes)
    try:
        bounds.refuse(data)
        found = msgspec.json.decode(data, type=Robustness)
    except (msgspec.DecodeError, RecursionError, ValueError) as error:
        raise RecordError(f"{path}: not the robustness of a record: {error}") from error
    if found.schema != SCHEMA:
        raise RecordError(f"{path}: schema {found.schema} is unknown; this version reads {SCHEMA}.")
    if {CLEAN, *found.names} != found.scores.keys() or not found.names:
        raise RecordError(f"{path}: its scores are not those of its conditions, and of {CLEAN}")
    return found


def write(path: Path, found: Robustness, predictions: Predictions, labels: list[str]) -> None:
    """Write predictions, then what vouches for them, each whole or not at all."""
    table = prediction_table.encode(predictions, labels)
    files.write(record_files.predictions_place(path), gzip.compress(table, mtime=0))
    files.write(path, canonical.encode(found))
