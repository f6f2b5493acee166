"""Holm's correction for several comparisons, and the places that follow from it."""

from __future__ import annotations

import numpy as np

ALPHA = 0.05


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


def place_ranges(uars: np.ndarray, p: np.ndarray, *, alpha: float = ALPHA) -> np.ndarray:
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
