"""What must be equal for records to rank together, and how two of them differ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple, cast

import numpy as np

from benchmark.ranking.reasons import Doubt, Unranked
from benchmark.records.schema import TRIALS, Record
from benchmark.records.states import State
from protocols.folds import Protocol


class Conditions(NamedTuple):
    """What must be equal for records to rank together."""

    doubt: Doubt | None  # why they never rank
    protocol: str  # digest
    engine: int  # version of search, training and calibration; 0 where a record has none
    numerics: str  # class of the networks' arithmetic; "fp32" where a record has none
    copies: tuple[str, ...]  # digests of the copies of the corpora
    selection: Literal["full", "miniature"]
    missing: tuple[str, ...]
    trials: int
    epochs: int | None
    folds: tuple[int, ...] | None
    labels: tuple[str, ...]
    clips: tuple[tuple[str, tuple[int, ...]], ...]  # test clips of each class, by speaker
    tested_by: tuple[int, ...]  # of these speakers, the fold: one trained model tests all that share it

    def of_speakers(self, names: Collection[str]) -> Conditions:
        """Likewise, of these speakers alone."""
        kept = [each for each in zip(self.clips, self.tested_by, strict=True) if each[0][0] in names]
        return self._replace(clips=tuple(c for c, _ in kept), tested_by=tuple(fold for _, fold in kept))


def doubt(record: Record, state: State) -> Doubt | None:
    """Why a record never ranks. Of any seeds, somebody would choose the luckiest (docs/rules.md#seeds)."""
    if state in ("invalid", "stale"):
        return cast("Doubt", state)
    return None if 0 <= record.seed < record.budget.seeds else "seed"


def conditions(record: Record, speakers: Sequence[str], matrices: np.ndarray, *, state: State) -> Conditions:
    """The conditions of a record with these test speakers; matrices: (speakers, classes, classes)."""
    counts = matrices.sum(axis=2).astype(int).tolist()
    budget, found, engine = record.budget, record.corpora, record.key.get("training")
    return Conditions(
        doubt=doubt(record, state),
        protocol=record.protocol.digest,
        engine=engine if isinstance(engine, int) else 0,
        numerics=str(record.key.get("numerics", "fp32")),
        copies=tuple(copy.digest for copy in found),
        selection="full" if all(copy.selection == "full" for copy in found) else "miniature",
        missing=tuple(clip for copy in found for clip in copy.missing),
        trials=budget.trials,
        epochs=budget.epochs,
        folds=None if budget.folds is None else tuple(budget.folds),
        labels=tuple(record.labels),
        clips=tuple((speaker, tuple(row)) for speaker, row in zip(speakers, counts, strict=True)),
        tested_by=_tested_by(record, speakers),
    )


def _tested_by(record: Record, speakers: Sequence[str]) -> tuple[int, ...]:
    """The fold that tests each speaker; 0 for all where a speaker's clips are spread over several folds."""
    fold_of = {speaker: number for number, fold in enumerate(record.folds) for speaker in fold.test}
    apart = len(fold_of) == sum(len(set(fold.test)) for fold in record.folds)
    return tuple(fold_of.get(speaker, 0) if apart else 0 for speaker in speakers)


def chosen(found: Iterable[tuple[str, Conditions]], protocol: Protocol | None) -> Conditions:
    """The conditions that rank: of the current split and the newest engine, the most trials, fp32, then the
    most models.

    Trials beyond the full budget are no merit: a single record with more of them would unrank all others.
    `found` are the names of models with the conditions of their records.
    """
    models: dict[Conditions, set[str]] = defaultdict(set)
    for model, own in found:
        models[own].add(model)

    def merit(c: Conditions) -> tuple[object, ...]:
        current = protocol is not None and c.protocol == protocol.digest
        full = c.selection == "full", c.folds is None
        epochs = float("inf") if c.epochs is None else c.epochs
        return (
            c.doubt is None,
            current,
            c.engine,
            *full,
            min(c.trials, TRIALS),
            c.trials == TRIALS,
            c.numerics == "fp32",
            len(models[c]),
            epochs,
            -len(c.missing),
            repr(c),
        )

    return max(models, key=merit)


def differences(here: Conditions, needed: Conditions) -> tuple[Unranked, ...]:
    """Why conditions do not rank: a doubt, or else how they differ from those that do; () where they rank."""
    if here.doubt:
        return (Unranked(here.doubt),)
    reasons = (
        Unranked("split", here.protocol, needed.protocol),
        Unranked("engine", here.engine, needed.engine),
        Unranked("miniature", here.selection, needed.selection),
        Unranked("trials", here.trials, needed.trials),
        Unranked("epochs", here.epochs, needed.epochs),
        Unranked("folds", here.folds, needed.folds),
        Unranked("numerics", here.numerics, needed.numerics),
        Unranked("missing", here.missing, needed.missing),
        Unranked("labels", here.labels, needed.labels),
        Unranked("copy", here.copies, needed.copies),
    )
    found = tuple(reason for reason in reasons if reason.here != reason.needed)
    return found or ((Unranked("clips"),) if here != needed else ())
