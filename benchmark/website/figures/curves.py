"""Learning curves: what training reached epoch by epoch, the mean over folds and inner folds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.records.schema import FoldFacts

LOSS, UAR = "train loss", "validation UAR"
NAMES = (LOSS, UAR)  # that the engine's trainer keeps


@dataclass(frozen=True)
class Curve:
    """One curve, from the first epoch on."""

    name: str
    values: tuple[float, ...]
    runs: int  # trainings that it is the mean of


def learned(folds: Sequence[FoldFacts]) -> tuple[Curve, ...]:
    """The mean curves of the folds' winners; none where nothing was trained by epochs."""
    found = []
    for name in NAMES:
        runs = [inner[name] for fold in folds for inner in fold.curves if inner.get(name)]
        if runs and all(map(math.isfinite, (value for run in runs for value in run))):
            found.append(Curve(name, tuple(mean_by_epoch(runs)), len(runs)))
    return tuple(found)


def mean_by_epoch(runs: Sequence[Sequence[float]]) -> list[float]:
    """The mean of each epoch over the runs that trained so long: [[1, 2], [3]] -> [2, 2]."""
    longest = max(map(len, runs))
    return [float(np.mean([run[epoch] for run in runs if len(run) > epoch])) for epoch in range(longest)]
