"""UAR by the sex of the speaker: a model that hears women and men alike has no gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.scores import metrics


@dataclass(frozen=True)
class BySex:
    """Speakers of each sex, and the UAR of their clips pooled, in [0, 1]; None where there are none."""

    women: int
    men: int
    uar_women: float | None
    uar_men: float | None

    @property
    def gap(self) -> float | None:
        """UAR of women less that of men, in points of percent."""
        if self.uar_women is None or self.uar_men is None:
            return None
        return 100 * (self.uar_women - self.uar_men)


def by_sex(matrices: np.ndarray, speakers: Sequence[str], sexes: Mapping[str, str]) -> BySex:
    """`matrices` are the speakers' confusion matrices, (speakers, classes, classes), mean over seeds."""
    women = np.array([sexes.get(speaker) == "female" for speaker in speakers], dtype=bool)
    men = np.array([sexes.get(speaker) == "male" for speaker in speakers], dtype=bool)
    return BySex(int(women.sum()), int(men.sum()), _pooled(matrices[women]), _pooled(matrices[men]))


def _pooled(matrices: np.ndarray) -> float | None:
    return float(metrics.uar(matrices.sum(axis=0))) if len(matrices) else None
