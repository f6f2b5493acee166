"""A trial's score: what its inner fits predict together, at one epoch that they share (docs/rules.md#tuning).

Scored at the best of its own epochs, a fit is flattered: that epoch is chosen on the very clips that score
it. So the inner folds share one, and the last fit trains for as many.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from msgspec import Struct

from benchmark.scores import metrics

WINDOW = 5  # epochs that the moving mean is over


class InnerFit(Struct, frozen=True, kw_only=True):
    """What one inner fold's fit predicts for the clips that validate, as a file keeps it."""

    epochs: list[int]  # after which it predicted them; [] of a model without epochs, which does so once
    shape: tuple[int, int, int]  # (epochs, n, classes), at least one epoch
    values: bytes  # float32, little-endian
    curves: dict[str, list[float]]  # one number an epoch

    @property
    def probabilities(self) -> np.ndarray:
        """(epochs, n, classes) float32; an epoch that is not finite cannot be chosen."""
        return np.frombuffer(self.values, dtype="<f4").reshape(self.shape)

    def until(self, epoch: int) -> InnerFit:
        """Without the epochs after this one."""
        kept = [own for own in self.epochs if own <= epoch]
        curves = {name: curve[:epoch] for name, curve in self.curves.items()}
        return inner_fit(self.probabilities[: len(kept)], kept, curves)


class Score(NamedTuple):
    """What the inner fits of a trial are worth together."""

    epoch: int | None  # that they share; None of models without epochs
    probabilities: np.ndarray  # (n, classes), the inner validation clips in order, after that epoch
    uar: float
    cross_entropy: float
    curve: list[float | None]  # the objective by epoch, pooled; None: not finite. [] where there is none


def inner_fit(probabilities: np.ndarray, epochs: Sequence[int], curves: dict[str, list[float]]) -> InnerFit:
    """From probabilities (epochs, n, classes)."""
    times, n, classes = probabilities.shape
    values = probabilities.astype("<f4").tobytes()
    return InnerFit(epochs=list(epochs), shape=(times, n, classes), values=values, curves=curves)


def shared_epochs(fits: Sequence[InnerFit]) -> list[int]:
    """The epochs after which all of them predicted: [] without epochs, or where each kept one of its own."""
    first, *others = (fit.epochs for fit in fits)
    return [epoch for epoch in first if all(epoch in of_other for of_other in others)]


def score(fits: Sequence[InnerFit], truth: np.ndarray, *, minimise: bool) -> Score | None:
    """The inner fits pooled, at the epoch that is best for them together; None where nothing is finite.

    `truth` (n,): the classes of the inner validation clips in order. `minimise`: by cross-entropy rather than
    UAR. Fits without an epoch in common are pooled as each of them ended.
    """
    shared = shared_epochs(fits)
    rows = [[fit.epochs.index(epoch) for epoch in shared] or [-1] for fit in fits]
    parts = [fit.probabilities[places] for fit, places in zip(fits, rows, strict=True)]
    pooled = np.concatenate(parts, axis=1).astype(np.float64)  # (epochs, n, classes)
    scores = [_score(truth, probabilities) for probabilities in pooled]
    curve = np.array([-cross_entropy if minimise else uar for uar, cross_entropy in scores])
    place = best_place(curve)
    if place is None:
        return None
    return Score(
        shared[place] if shared else None,
        pooled[place],
        *scores[place],
        [float(abs(value)) if np.isfinite(value) else None for value in curve] if shared[:1] == [1] else [],
    )


def merits(curve: Sequence[float | None], *, minimise: bool) -> np.ndarray:
    """A pooled curve as numbers of which the highest is best."""
    values = np.array([np.nan if value is None else value for value in curve], dtype=np.float64)
    return -values if minimise else values


def best_place(curve: np.ndarray) -> int | None:
    """Where a curve (epochs,) is highest by its moving mean: the middle of the best five epochs in a row.

    Only whole windows count, so that a lucky epoch weighs a fifth also at either end; the earliest of equal
    ones. A curve shorter than five has one window, itself. Epochs that are not finite are left out; None
    where all are.
    """
    finite = np.flatnonzero(np.isfinite(curve))
    if not len(finite):
        return None
    width = min(WINDOW, len(finite))
    means = np.lib.stride_tricks.sliding_window_view(curve[finite], width).mean(axis=1)
    best = int(np.argmax(means.round(9)))  # equal windows may differ in the last bit
    return int(finite[best + (width - 1) // 2])


def _score(truth: np.ndarray, probabilities: np.ndarray) -> tuple[float, float]:
    """UAR and cross-entropy of (n, classes); not a number where a probability is none."""
    if not np.isfinite(probabilities).all():
        return np.nan, np.nan
    matrix = metrics.confusion(truth, metrics.predicted(probabilities), probabilities.shape[1])
    return round(float(metrics.uar(matrix)), 6), round(metrics.cross_entropy(truth, probabilities), 6)
