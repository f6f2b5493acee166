"""What must be equal for records to rank together, and how two of them differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np

from benchmark.ranking.reasons import Unranked
from benchmark.records.schema import Record
from protocols.folds import Protocol


class Conditions(NamedTuple):
    """What must be equal for records to rank together."""

    protocol: str  # digest
    copies: tuple[str, ...]  # digests of the copies of the corpora
    selection: Literal["full", "miniature"]
    missing: tuple[str, ...]
    trials: int
    epochs: int | None
    folds: tuple[int, ...] | None
    labels: tuple[str, ...]
    clips: tuple[tuple[str, tuple[int, ...]], ...]  # test clips of each class, by speaker


def conditions(record: Record, speakers: Sequence[str], matrices: np.ndarray) -> Conditions:
    """The conditions of a record with these test speakers; matrices: (speakers, classes, classes)."""
    counts = matrices.sum(axis=2).astype(int).tolist()
    budget, found = record.budget, record.corpora
    return Conditions(
        protocol=record.protocol.digest,
        copies=tuple(copy.digest for copy in found),
        selection="full" if all(copy.selection == "full" for copy in found) else "miniature",
        missing=tuple(clip for copy in found for clip in copy.missing),
        trials=budget.trials,
        epochs=budget.epochs,
        folds=None if budget.folds is None else tuple(budget.folds),
        labels=tuple(record.labels),
        clips=tuple((speaker, tuple(row)) for speaker, row in zip(speakers, counts, strict=True)),
    )


def chosen(found: Iterable[tuple[str, Conditions]], protocol: Protocol | None) -> Conditions:
    """The conditions that rank: of the current split, the most trials, then the most models.

    `found` are the names of models with the conditions of their records.
    """
    models: dict[Conditions, set[str]] = defaultdict(set)
    for model, own in found:
        models[own].add(model)

    def merit(c: Conditions) -> tuple[object, ...]:
        current = protocol is not None and c.protocol == protocol.digest
        full = c.selection == "full", c.folds is None
        epochs = float("inf") if c.epochs is None else c.epochs
        return current, *full, c.trials, len(models[c]), epochs, -len(c.missing), repr(c)

    return max(models, key=merit)


def differences(here: Conditions, needed: Conditions) -> tuple[Unranked, ...]:
    """How conditions differ from those that rank; () where they do not."""
    reasons = (
        Unranked("split", here.protocol, needed.protocol),
        Unranked("miniature", here.selection, needed.selection),
        Unranked("trials", here.trials, needed.trials),
        Unranked("epochs", here.epochs, needed.epochs),
        Unranked("folds", here.folds, needed.folds),
        Unranked("missing", here.missing, needed.missing),
        Unranked("labels", here.labels, needed.labels),
        Unranked("copy", here.copies, needed.copies),
    )
    found = tuple(reason for reason in reasons if reason.here != reason.needed)
    return found or ((Unranked("clips"),) if here != needed else ())
