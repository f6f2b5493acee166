"""Tests of entries against each other, by one protocol or by several together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.ranking.cells import Entry
from benchmark.ranking.conditions import Conditions
from benchmark.scores import difference, permutation, shares, variance
from benchmark.scores.permutation import PairedTests
from benchmark.scores.variance import Variance


@dataclass(frozen=True)
class Sample:
    """What tests need of entries that rank together, in their order."""

    shares: np.ndarray  # (entries, speakers), which sum to the UAR
    weights: np.ndarray  # (speakers,), each one's part of the clips
    folds: np.ndarray  # (speakers,), the fold that tests each
    noise: tuple[Variance | None, ...]  # of training, by entry

    def tests(self) -> PairedTests:
        """Every entry against every other."""
        return permutation.paired_tests(self.shares, self.folds, self.noise)

    def interval(self, first: int, second: int) -> tuple[float, float] | None:
        """Of the difference of two entries' UARs: what the test does not reject."""
        return permutation.interval(*self._apart(first, second))

    def variance(self, first: int, second: int) -> Variance:
        """Of the difference of two entries' UARs."""
        apart, weights, noise = self._apart(first, second)
        return variance.summed([difference.variance(apart, weights), noise])

    def _apart(self, first: int, second: int) -> tuple[np.ndarray, np.ndarray, Variance]:
        """Of two entries, by unit of the test: their difference, the weights; and both's training noise."""
        apart, noise = self.shares[first] - self.shares[second], (self.noise[first], self.noise[second])
        if None in noise:  # whole folds are the units
            return shares.by_fold(apart, self.folds), shares.by_fold(self.weights, self.folds), variance.NONE
        return apart, self.weights, variance.summed([*filter(None, noise)])


def sample(entries: Sequence[Entry], own: Conditions) -> Sample:
    """Of entries with these conditions."""
    return Sample(
        shares=np.array([list(entry.speaker_shares.values()) for entry in entries]),
        weights=shares.speaker_weights(np.array([row for _, row in own.clips])),
        folds=np.array(own.tested_by),
        noise=tuple(entry.training_noise for entry in entries),
    )


def together(samples: Sequence[Sample]) -> Sample:
    """Of the same entries by several protocols: their mean UAR, over the speakers of all.

    A mean of UARs is linear in the confusion matrices too.
    """
    number = len(samples)
    offsets = np.cumsum([0, *(one.folds.max() + 1 for one in samples)])  # a protocol's folds stay apart
    return Sample(
        shares=np.concatenate([one.shares for one in samples], axis=1) / number,
        weights=np.concatenate([one.weights for one in samples]) / number,
        folds=np.concatenate([one.folds + o for one, o in zip(samples, offsets, strict=False)]),
        noise=tuple(
            None if None in of else variance.of_mean([one for one in of if one])
            for of in zip(*(one.noise for one in samples), strict=True)
        ),
    )
