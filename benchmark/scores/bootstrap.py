"""How sure a score is: a bootstrap over speakers, since clips of one voice are not independent."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import special

DRAWS = 10_000
ENOUGH = 10  # speakers from which an interval is given
LEVEL = 0.95


def interval(
    matrices: np.ndarray, *, seed: int = 0, draws: int = DRAWS, level: float = LEVEL
) -> tuple[float, float] | None:
    """Bootstrap over speakers of the pooled UAR: (speakers, classes, classes) -> (low, high).

    None under ten speakers, and where each class is one speaker's alone: who is drawn would decide which
    classes there are. Speakers are drawn anew, with replacement and with all their clips; models are
    not trained anew, so the interval is conditional on them. It lies between expanded percentiles of the
    draws: the plain ones (B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, 1993, section
    13.3) are too close together for few speakers. docs/statistics.md has the coverage of both.

    >>> interval(np.tile(np.eye(2), (12, 1, 1)))
    (1.0, 1.0)
    """
    speakers, counts = len(matrices), matrices.sum(axis=-1)  # (speakers, classes)
    if speakers < ENOUGH or (counts > 0).sum(axis=0).max() < 2:
        return None
    times = _draws(speakers, seed=seed, draws=draws)  # (draws, speakers)
    hits = times @ np.diagonal(matrices, axis1=-2, axis2=-1)  # (draws, classes)
    of_class = times @ counts
    recalls = np.divide(hits, of_class, out=np.full(hits.shape, np.nan), where=of_class > 0)
    below = percentile(speakers, level=level)
    low, high = np.quantile(np.nanmean(recalls, axis=-1), [below, 1 - below])
    return float(low), float(high)


def percentile(speakers: int, *, level: float = LEVEL) -> float:
    """The share of the draws that lies below the interval, and above it: less than (1 - level) / 2.

    The normal quantile that it stands for is that of Student's t with speakers - 1 degrees of freedom, times
    sqrt(n / (n - 1)) for the spread that a bootstrap of n speakers lacks (T. Hesterberg, What teachers should
    know about the bootstrap, The American Statistician 69, 2015, section 5.3, the expanded percentiles).

    >>> round(percentile(10), 4), round(percentile(1000), 4)
    (0.0086, 0.0248)
    """
    t = special.stdtrit(speakers - 1, (1 + level) / 2)
    return float(special.ndtr(-np.sqrt(speakers / (speakers - 1)) * t))


@lru_cache(maxsize=8)  # all models of a protocol share their draws
def _draws(speakers: int, *, seed: int, draws: int) -> np.ndarray:
    """How often each speaker is drawn: (draws, speakers)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(speakers, np.full(speakers, 1 / speakers), size=draws).astype(float)
