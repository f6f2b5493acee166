"""Holm's correction for several comparisons, and the places that follow from it."""

from __future__ import annotations

import numpy as np

ALPHA = 0.05


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's step-down adjustment of p-values along the last axis: (..., n) -> (..., n).

    The k-th smallest of n values (k from 0) is multiplied by n - k; the result is never below that of a
    smaller p, and never above 1 (S. Holm, A simple sequentially rejective multiple test procedure,
    Scandinavian Journal of Statistics 6, 1979, 65-70).

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    order = np.argsort(p, axis=-1, kind="stable")
    factors = np.arange(p.shape[-1], 0, -1)
    stepped = np.minimum(np.maximum.accumulate(np.take_along_axis(p, order, -1) * factors, axis=-1), 1)
    adjusted = np.empty_like(stepped)
    np.put_along_axis(adjusted, order, stepped, -1)
    return adjusted


def against_best(uars: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Holm-adjusted p of each model against the best one: (models,), (models, models) -> (models,).

    It is nan for the best one, which is not in the family.

    >>> against_best(np.array([0.5, 0.9]), np.array([[1, 0.02], [0.02, 1]])).tolist()
    [0.02, nan]
    """
    best = int(np.argmax(uars))
    others = np.arange(len(uars)) != best
    adjusted = np.full(len(uars), np.nan)
    adjusted[others] = holm(p[best, others])
    return adjusted


def place_ranges(uars: np.ndarray, p: np.ndarray, *, alpha: float = ALPHA) -> np.ndarray:
    """Each model's place as a range, first and last: (models,), (models, models) -> (models, 2).

    From 1 + the number significantly better to n - the number significantly worse, where Holm's family is
    the model against each other one: each model's range covers its place with probability 1 - alpha.

    >>> place_ranges(np.array([0.9, 0.2]), np.array([[1, 0.01], [0.01, 1]])).tolist()
    [[1, 1], [2, 2]]
    """
    n = len(uars)
    others = ~np.eye(n, dtype=bool)
    significant = np.zeros((n, n), dtype=bool)
    significant[others] = (holm(p[others].reshape(n, n - 1)) < alpha).ravel()
    better = (significant & (uars[None, :] > uars[:, None])).sum(axis=1)
    worse = (significant & (uars[None, :] < uars[:, None])).sum(axis=1)
    return np.stack([1 + better, n - worse], axis=1)
