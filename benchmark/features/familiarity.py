"""Whether a clip is like those that a model was fitted on, by what the model is given of it.

A clip is described by its features' means and deviations over time. Its distance is the root mean square of
these, standardised by the training clips: the Mahalanobis distance with a diagonal covariance, divided by the
square root of the number of dimensions. A clip is unlike all of them where it is farther than the farthest.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from msgspec import Struct

DIGITS = 4  # significant ones that are kept
MARGIN = 1.01  # beyond the farthest, so that another machine's rounding makes no clip strange
LEAST = 1e-6  # of a mean: a deviation below is rounding


class Familiar(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Of a model's training clips."""

    mean: list[float]  # of each dimension of their descriptions
    deviation: list[float]  # 0: it never changes, and does not count
    farthest: float  # the largest distance among them

    def unlike(self, clip: np.ndarray) -> bool:
        """Whether (frames, channels) is farther from them than each of them is."""
        described = _described(clip, functionals=len(self.mean) == clip.shape[1])
        distance = _distance(described, np.array(self.mean), np.array(self.deviation))
        return distance > MARGIN * self.farthest


def of(clips: Sequence[np.ndarray]) -> Familiar:
    """Of training clips, (frames, channels) each."""
    functionals = all(len(clip) == 1 for clip in clips)
    described = np.array([_described(clip, functionals=functionals) for clip in clips])  # (clips, dimensions)
    mean = described.mean(axis=0)
    deviation = described.std(axis=0)
    deviation[deviation <= LEAST * np.abs(mean)] = 0
    mean, deviation = _rounded(mean), _rounded(deviation)
    farthest = max(_distance(each, mean, deviation) for each in described)
    return Familiar(mean=mean.tolist(), deviation=deviation.tolist(), farthest=farthest)


def _described(clip: np.ndarray, *, functionals: bool) -> np.ndarray:
    """(frames, channels) -> (dimensions,): functionals, one frame of every clip, as they are.

    Of other features one frame means only that a clip is short.
    """
    clip = clip.astype(np.float64)
    return clip[0] if functionals else np.concatenate([clip.mean(axis=0), clip.std(axis=0)])


def _distance(described: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> float:
    standard = np.divide(described - mean, deviation, out=np.zeros_like(mean), where=deviation > 0)
    return float(np.sqrt(np.mean(np.square(standard))))


def _rounded(numbers: np.ndarray) -> np.ndarray:
    return np.array([float(f"{number:.{DIGITS}g}") for number in numbers])
