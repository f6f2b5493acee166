"""Is the table of predictions the record's own, whole, and one of probabilities?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark.records.schema import DECIMALS
from benchmark.verification.submission import Submission


def digest(found: Submission) -> Iterator[str]:
    """The record vouches for this very table."""
    if found.digest != found.record.predictions:
        yield "the predictions file is not the one that the record was written with"


def known_rows(found: Submission) -> Iterator[str]:
    """Each row is of another clip that the corpus copies had, of a speaker whom its fold lists."""
    speakers = {facts.fold: set(facts.test) for facts in found.record.folds}
    there, seen = {row.clip: row.speaker for row in found.held}, set()
    for clip, fold in zip(found.predictions.clips, found.predictions.folds, strict=True):
        if clip in seen:
            yield f"{clip} has two rows"
        elif clip not in there:
            yield f"{clip} is no clip of its corpus copy"
        elif there[clip] not in speakers.get(fold, ()):
            yield f"{clip} is of a speaker whom fold {fold} does not test"
        seen.add(clip)
    if not seen:
        yield "it has no predictions at all"


def speakers(found: Submission) -> Iterator[str]:
    """A fold lists the speakers of its rows, each once."""
    speaker = {row.clip: row.speaker for row in found.held}
    tested: dict[int, set[str]] = {facts.fold: set() for facts in found.record.folds}
    for clip, fold in zip(found.predictions.clips, found.predictions.folds, strict=True):
        if clip in speaker and fold in tested:
            tested[fold].add(speaker[clip])
    for facts in found.record.folds:
        if sorted(facts.test) != sorted(tested[facts.fold]):
            yield f"fold {facts.fold}: it lists other test speakers than its predictions have"


def rows(found: Submission) -> Iterator[str]:
    """One row for each test clip of the folds that were run: none missing, double or strange."""
    wanted, predictions = found.test_folds, found.predictions
    if not wanted:
        yield "it has no test clips at all"
    seen = set()
    for clip, fold in zip(predictions.clips, predictions.folds, strict=True):
        if clip in seen:
            yield f"{clip} has two rows"
        elif clip not in wanted:
            yield f"{clip} is no test clip of this record"
        elif wanted[clip] != fold:
            yield f"{clip} is tested in fold {wanted[clip]}, not {fold}"
        seen.add(clip)
    if lacking := sorted(set(wanted) - seen):
        yield f"{len(lacking)} of {len(wanted)} test clips have no row, first {lacking[0]}"


def probabilities(found: Submission) -> Iterator[str]:
    """Finite, in [0, 1], of sum 1 but for rounding, and rounded; of each kind of fault the first three."""
    table = found.predictions.probabilities  # (n, classes)
    finite = np.isfinite(table).all(axis=1)
    bounded = ((table >= 0) & (table <= 1)).all(axis=1)
    whole = np.abs(table.sum(axis=1) - 1) <= table.shape[1] * 10**-DECIMALS
    rounded = (table == table.round(DECIMALS)).all(axis=1)
    for ok, what in (
        (finite, "finite"),
        (bounded | ~finite, "in [0, 1]"),
        (whole | ~finite, "of sum 1"),
        (rounded | ~finite, f"rounded to {DECIMALS} decimals"),
    ):
        for row in np.flatnonzero(~ok)[:3]:
            yield f"{found.predictions.clips[row]}: its probabilities are not {what}"
