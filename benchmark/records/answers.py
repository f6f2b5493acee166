"""A model's answers: its predictions joined with the manifest's rows, which hold what was acted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from benchmark.records.prediction_table import Predictions
from benchmark.scores import metrics
from protocols.corpora import ManifestRow
from protocols.errors import RecordError


@dataclass(frozen=True, eq=False)
class Answers:
    """One row a test clip, in the order of the predictions. Classes are places among the labels."""

    rows: tuple[ManifestRow, ...]
    labels: tuple[str, ...]
    truth: np.ndarray  # (n,) int64, the acted classes
    folds: np.ndarray  # (n,) int
    probabilities: np.ndarray  # (n, classes)

    @cached_property
    def predicted(self) -> np.ndarray:
        """The most probable classes, the lowest on ties: (n,)."""
        return metrics.predicted(self.probabilities)

    @cached_property
    def confidence(self) -> np.ndarray:
        """The probabilities of the predicted classes: (n,)."""
        confidence: np.ndarray = self.probabilities.max(axis=1)
        return confidence

    @cached_property
    def speakers(self) -> np.ndarray:
        """(n,) str."""
        return np.array([row.speaker for row in self.rows])


def join(predictions: Predictions, known: Mapping[str, ManifestRow], labels: Sequence[str]) -> Answers:
    """The predictions with the manifest's rows, which are `known` by the names of their clips.

    RecordError where a clip is unknown, has two rows or an emotion that is none of `labels`, or where
    probabilities are not one finite number a clip and label.
    """
    if problem := next(_problems(predictions, known, labels), ""):
        raise RecordError(problem)
    rows = tuple(known[clip] for clip in predictions.clips)
    return Answers(rows, tuple(labels), indices(rows, labels), predictions.folds, predictions.probabilities)


def indices(rows: Sequence[ManifestRow], labels: Sequence[str]) -> np.ndarray:
    """Each row's class as its place among `labels`, which must have it: (n,) int64."""
    place = {label: index for index, label in enumerate(labels)}
    return np.array([place[row.emotion] for row in rows], dtype=np.int64)


def _problems(
    predictions: Predictions, known: Mapping[str, ManifestRow], labels: Sequence[str]
) -> Iterator[str]:
    table, shape = predictions.probabilities, (len(predictions.clips), len(labels))
    if table.shape != shape:
        yield f"the table of probabilities is of shape {table.shape}, not {shape}: clips by classes."
        return
    seen: set[str] = set()
    for clip in predictions.clips:
        if clip not in known:
            yield f"{clip}: the manifest has no such clip."
        elif clip in seen:
            yield f"{clip}: it has two rows of predictions."
        elif known[clip].emotion not in labels:
            yield f"{clip}: its emotion {known[clip].emotion!r} is none of {', '.join(labels)}."
        seen.add(clip)
    for row in np.flatnonzero(~np.isfinite(table).all(axis=1)):
        yield f"{predictions.clips[row]}: its probabilities are not finite."
