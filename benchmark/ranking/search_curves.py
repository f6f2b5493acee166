"""What a search buys, from the trials in records: validation UAR after so many of them. No test score."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from benchmark.records.schema import FoldFacts, Record
from benchmark.scores.expected_best import expected_best


@dataclass(frozen=True)
class SearchCurve:
    """One model under one protocol: validation UAR by trials, from 1, the mean over its outer folds."""

    expected: tuple[float, ...]  # of the best of so many trials, as if each were drawn at random
    found: tuple[float, ...]  # the best of the first so many, in the order in which they were tried
    folds: int

    def after(self, trials: int) -> float:
        """What to expect of the best of so many trials."""
        return self.expected[min(trials, len(self.expected)) - 1]

    @property
    def gain(self) -> float:
        """Of the last trial found over the first, which is the model's own setting."""
        return self.found[-1] - self.found[0]


def curve(record: Record) -> SearchCurve | None:
    """That of a record's search; None where its folds tried nothing, or only the model's own setting."""
    uars = [own for fold in record.folds if (own := _uars(fold)) is not None]
    if not uars or len(uars) < len(record.folds):
        return None
    trials = min(map(len, uars))
    if trials < 2:
        return None
    return SearchCurve(
        expected=_mean([expected_best(own)[:trials] for own in uars]),
        found=_mean([np.maximum.accumulate(own)[:trials] for own in uars]),
        folds=len(uars),
    )


def by_protocol(records: Iterable[Record]) -> dict[str, dict[str, SearchCurve]]:
    """Of each protocol and model that seed 0 searched: the curve, the highest first."""
    found: dict[str, dict[str, SearchCurve]] = defaultdict(dict)
    for record in records:
        if record.seed == 0 and (own := curve(record)):
            found[record.protocol.name].setdefault(record.model.name, own)
    return {
        name: dict(sorted(of.items(), key=lambda one: (-one[1].expected[-1], one[0])))
        for name, of in found.items()
    }


def _uars(fold: FoldFacts) -> np.ndarray | None:
    """Of each trial; one that was cut short or failed cannot win, and counts as the lowest that could."""
    complete = [t.uar for t in fold.trials if t.state == "complete" and t.uar is not None]
    if not complete:
        return None
    lowest = min(complete)
    could_win = [trial.uar if trial.state == "complete" else None for trial in fold.trials]
    return np.array([lowest if uar is None else uar for uar in could_win])


def _mean(curves: list[np.ndarray]) -> tuple[float, ...]:
    return tuple(np.mean(curves, axis=0).tolist())
