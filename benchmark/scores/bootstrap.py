"""How sure a score is: a bootstrap over speakers, since clips of one voice are not independent."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

DRAWS = 10_000
ENOUGH = 10  # speakers from which an interval is given


def interval(
    matrices: np.ndarray, *, seed: int = 0, draws: int = DRAWS, level: float = 0.95
) -> tuple[float, float] | None:
    """Percentile bootstrap over speakers of the pooled UAR: (speakers, classes, classes) -> (low, high).

    None under ten speakers. Speakers are drawn anew, with replacement and with all their clips; models are
    not trained anew, so the interval is conditional on them (B. Efron and R. J. Tibshirani, An Introduction
    to the Bootstrap, 1993, section 13.3, the percentile interval).

    >>> interval(np.tile(np.eye(2), (12, 1, 1)))
    (1.0, 1.0)
    """
    speakers = len(matrices)
    if speakers < ENOUGH:
        return None
    times = _draws(speakers, seed=seed, draws=draws)  # (draws, speakers)
    hits = times @ np.diagonal(matrices, axis1=-2, axis2=-1)  # (draws, classes)
    of_class = times @ matrices.sum(axis=-1)
    recalls = np.divide(hits, of_class, out=np.full(hits.shape, np.nan), where=of_class > 0)
    low, high = np.quantile(np.nanmean(recalls, axis=-1), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


@lru_cache(maxsize=8)  # all models of a protocol share their draws
def _draws(speakers: int, *, seed: int, draws: int) -> np.ndarray:
    """How often each speaker is drawn: (draws, speakers)."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(speakers, np.full(speakers, 1 / speakers), size=draws).astype(float)
