"""How sure a score is. Clips of one voice are not independent, so speakers are what is drawn and swapped.

All functions take confusion matrices by speaker, (..., speakers, classes, classes), averaged over a model's
seeds: once the class counts are fixed UAR is linear in the matrix, so the UAR of the mean matrix is the mean
UAR, and a speaker's seeds stay together whatever is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from benchmark import metrics

DRAWS = 10_000
EXACT = 12  # speakers up to which all 2^n subsets are swapped
ENOUGH = 10  # speakers from which an interval is given
ALPHA = 0.05
SAME = 1e-10  # differences of UAR closer than this are equal: sums differ in the last bits


@dataclass(frozen=True)
class Swaps:
    """Paired swap tests of every model against every other."""

    p: np.ndarray  # (models, models), two-sided, 1 on the diagonal
    smallest: float  # the smallest p that so many speakers allow
    exact: bool  # every subset of speakers was swapped, not a random choice of them


def speaker_uars(matrices: np.ndarray) -> np.ndarray:
    """UAR of each speaker alone, over the classes that the speaker has: (..., speakers)."""
    return np.asarray(metrics.uar(matrices))


def interval(
    matrices: np.ndarray, *, seed: int = 0, draws: int = DRAWS, level: float = 0.95
) -> tuple[float, float] | None:
    """Percentile bootstrap over speakers of the pooled UAR; None under ten speakers.

    It is conditional on the trained models: speakers are drawn anew, models are not trained anew.
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


@lru_cache(maxsize=8)  # all models of a corpus share their draws
def _draws(speakers: int, *, seed: int, draws: int) -> np.ndarray:
    """How often each speaker is drawn."""
    rng = np.random.default_rng(seed)
    return rng.multinomial(speakers, np.full(speakers, 1 / speakers), size=draws).astype(float)


def parts(matrices: np.ndarray) -> np.ndarray:
    """What each speaker adds to the pooled UAR: (..., speakers). They sum to it."""
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)  # (..., speakers, classes)
    of_class = matrices.sum(axis=(-3, -1))  # (..., classes)
    present = of_class > 0
    weights = np.divide(1.0, of_class, out=np.zeros(of_class.shape), where=present)
    return np.einsum("...sk,...k->...s", hits, weights / present.sum(axis=-1, keepdims=True))


def swap_tests(speaker_parts: np.ndarray, *, seed: int = 0, draws: int = DRAWS) -> Swaps:
    """Is a difference in UAR larger than chance? Swap two models' predictions for subsets of the speakers.

    `speaker_parts` is (models, speakers), from `parts`, all on the same clips: swapping a speaker flips the
    sign of the speaker's share of the difference. Exact up to twelve speakers; beyond, `draws` random subsets
    and p = (hits + 1) / (draws + 1).
    """
    models, speakers = speaker_parts.shape
    exact = speakers <= EXACT
    signs = _all_signs(speakers) if exact else _random_signs(speakers, seed=seed, draws=draws)
    swapped = speaker_parts @ signs.T  # (models, subsets)
    uars = speaker_parts.sum(axis=1)
    extra = 0 if exact else 1
    p = np.ones((models, models))
    for i in range(models - 1):
        differences = np.abs(swapped[i + 1 :] - swapped[i])
        hits = np.sum(differences >= np.abs(uars[i + 1 :] - uars[i])[:, None] - SAME, axis=1)
        p[i, i + 1 :] = p[i + 1 :, i] = (hits + extra) / (len(signs) + extra)
    return Swaps(p=p, smallest=1 / (len(signs) + extra), exact=exact)


def _all_signs(speakers: int) -> np.ndarray:
    # The first speaker is never swapped: a subset and its complement give differences of the same size.
    subsets = np.arange(2 ** (speakers - 1))[:, None] >> np.arange(speakers - 1)
    return np.hstack([np.ones((len(subsets), 1)), 1.0 - 2.0 * (subsets & 1)])


def _random_signs(speakers: int, *, seed: int, draws: int) -> np.ndarray:
    return 1.0 - 2.0 * np.random.default_rng(seed).integers(0, 2, (draws, speakers))


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's step-down adjustment of p-values along the last axis (Scand. J. Statist. 6, 1979, 65-70)."""
    order = np.argsort(p, axis=-1, kind="stable")
    factors = np.arange(p.shape[-1], 0, -1)
    stepped = np.minimum(np.maximum.accumulate(np.take_along_axis(p, order, -1) * factors, axis=-1), 1)
    adjusted = np.empty_like(stepped)
    np.put_along_axis(adjusted, order, stepped, -1)
    return adjusted


def against_best(uars: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Holm-adjusted p of each model against the best one, (models,); nan for the best."""
    best = int(np.argmax(uars))
    others = np.arange(len(uars)) != best
    adjusted = np.full(len(uars), np.nan)
    adjusted[others] = holm(p[best, others])
    return adjusted


def places(uars: np.ndarray, p: np.ndarray, *, alpha: float = ALPHA) -> np.ndarray:
    """Each model's place as a range, (models, 2).

    From 1 + the number significantly better to n - the number significantly worse, where Holm's family is
    the model against each other one: each model's range covers its place with probability 1 - alpha.
    """
    n = len(uars)
    others = ~np.eye(n, dtype=bool)
    significant = np.zeros((n, n), dtype=bool)
    significant[others] = (holm(p[others].reshape(n, n - 1)) < alpha).ravel()
    better = (significant & (uars[None, :] > uars[:, None])).sum(axis=1)
    worse = (significant & (uars[None, :] < uars[:, None])).sum(axis=1)
    return np.stack([1 + better, n - worse], axis=1)
