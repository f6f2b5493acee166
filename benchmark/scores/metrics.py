"""Scores, each a pure function of a confusion matrix: rows are true classes, columns predicted ones."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark.scores import metrics


def predicted(probabilities: np.ndarray) -> np.ndarray:
    """The most probable class of each row, the lowest index on ties: (n, classes) -> (n,)."""
    return probabilities.argmax(axis=1)


def confusion(labels: np.ndarray, predictions: np.ndarray, n_classes: int) -> np.ndarray:
    """Clips by true and predicted class: (n,), (n,) -> (classes, classes) int."""
    # scikit-learn's function looks at its input for a hundred times as long as this takes.
    cells = np.bincount(labels * n_classes + predictions, minlength=n_classes**2)
    return cells.reshape(n_classes, n_classes)


def recalls(matrix: np.ndarray) -> np.ndarray:
    """Share of each class's clips that were recognised, (..., classes); nan where a class has no clips."""
    matrix = np.asarray(matrix, dtype=float)
    of_class = matrix.sum(axis=-1)
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    return np.divide(hits, of_class, out=np.full(of_class.shape, np.nan), where=of_class > 0)


def uar(matrix: np.ndarray) -> Any:
    """Unweighted average recall over the classes present: (..., classes, classes) -> (...)."""
    return np.nanmean(recalls(matrix), axis=-1)


def accuracy(matrix: np.ndarray) -> float:
    """Share of clips that were recognised; SER papers call it weighted accuracy."""
    matrix = np.asarray(matrix)
    return float(np.trace(matrix) / matrix.sum())


def macro_f1(matrix: np.ndarray) -> float:
    """F1 averaged over the classes that have clips; a class never predicted scores 0."""
    matrix = np.asarray(matrix, dtype=float)
    hits, of_class, as_class = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    present = of_class > 0
    return float(np.mean(2 * hits[present] / (of_class + as_class)[present]))


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray, *, floor: float = 1e-4) -> float:
    """Mean negative log-probability of the true class, in nats; probabilities under `floor` count as it."""
    of_truth = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(of_truth, floor)).mean())


def speaker_uars(matrices: np.ndarray) -> np.ndarray:
    """UAR of each speaker alone, over the classes that the speaker has: (..., speakers)."""
    return np.asarray(metrics.uar(matrices))
