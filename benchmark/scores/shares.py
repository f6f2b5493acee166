"""What each speaker adds to a model's UAR, and what training alone adds to all speakers of a fold at once.

Once the class counts are fixed UAR is linear in the confusion matrix, so the UAR of the mean matrix over
seeds is the mean UAR, and a speaker's seeds stay together however speakers are drawn or exchanged.
"""

from __future__ import annotations

import numpy as np

from benchmark.scores.variance import NONE, Variance


def speaker_shares(matrices: np.ndarray) -> np.ndarray:
    """What each speaker adds to the pooled UAR: (..., speakers, classes, classes) -> (..., speakers).

    They sum to it.

    >>> speaker_shares(np.array([[[1, 0], [1, 0]], [[1, 0], [0, 1]]])).tolist()
    [0.25, 0.5]
    """
    return _of_classes(np.diagonal(matrices, axis1=-2, axis2=-1), matrices.sum(axis=(-3, -1)))


def speaker_weights(counts: np.ndarray) -> np.ndarray:
    """The share of each speaker where everything is recognised: clips (speakers, classes) -> (speakers,).

    >>> speaker_weights(np.array([[3, 0], [1, 2]])).tolist()
    [0.375, 0.625]
    """
    return _of_classes(counts, counts.sum(axis=0))


def _of_classes(hits: np.ndarray, of_class: np.ndarray) -> np.ndarray:
    """Hits of a class, each 1 / (its clips x classes): (..., speakers, classes) -> (..., speakers)."""
    present = of_class > 0
    weights = np.divide(1.0, of_class, out=np.zeros(of_class.shape), where=present)
    return np.einsum("...sk,...k->...s", hits, weights / present.sum(axis=-1, keepdims=True))


def training_noise(shares: np.ndarray, folds: np.ndarray) -> Variance | None:
    """How training moves the mean UAR over seeds beyond what speakers show: (seeds, speakers), (speakers,).

    Speakers scatter by themselves, and by training: a model trained with another seed answers otherwise.
    Where each speaker has a fold of their own, both are in the scatter between speakers. Where one trained
    model tests several, its noise is theirs together, and that scatter lacks the covariance: the variance of
    a fold's sum over the seeds, less that of its speakers one by one. None where one seed leaves it unknown.
    """
    seeds, several = len(shares), int(np.sum(np.unique(folds, return_counts=True)[1] > 1))
    if not several:
        return NONE
    if seeds < 2:
        return None
    shared = by_fold(shares, folds).var(axis=0, ddof=1).sum() - shares.var(axis=0, ddof=1).sum()
    return Variance(max(float(shared), 0.0) / seeds, several * (seeds - 1))


def by_fold(shares: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """The sums over each fold's speakers: (..., speakers), (speakers,) -> (..., folds).

    >>> by_fold(np.array([0.1, 0.2, 0.3]), np.array([0, 1, 1])).tolist()
    [0.1, 0.5]
    """
    members = np.unique(folds)[:, None] == folds  # (folds, speakers)
    return shares @ members.T
