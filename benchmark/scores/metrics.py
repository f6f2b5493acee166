"""Scores, each a pure function of a confusion matrix: rows are true classes, columns predicted ones."""

from __future__ import annotations

from typing import Any

import numpy as np


def predicted(probabilities: np.ndarray) -> np.ndarray:
    """The most probable class of each row, the lowest index on ties: (n, classes) -> (n,).

    >>> predicted(np.array([[0.2, 0.8], [0.5, 0.5]])).tolist()
    [1, 0]
    """
    return probabilities.argmax(axis=1)


def confusion(labels: np.ndarray, predictions: np.ndarray, n_classes: int) -> np.ndarray:
    """Clips by true and predicted class: (n,), (n,) -> (classes, classes) int.

    >>> confusion(np.array([0, 0, 1]), np.array([0, 1, 1]), 2).tolist()
    [[1, 1], [0, 1]]
    """
    # scikit-learn's function looks at its input for a hundred times as long as this takes.
    cells = np.bincount(labels * n_classes + predictions, minlength=n_classes**2)
    return cells.reshape(n_classes, n_classes)


def recalls(matrix: np.ndarray) -> np.ndarray:
    """Share of each class's clips that were recognised: (..., classes, classes) -> (..., classes).

    It is nan where a class has no clips.

    >>> recalls(np.array([[3, 1], [0, 0]])).tolist()
    [0.75, nan]
    """
    matrix = np.asarray(matrix, dtype=float)
    of_class = matrix.sum(axis=-1)
    hits = np.diagonal(matrix, axis1=-2, axis2=-1)
    return np.divide(hits, of_class, out=np.full(of_class.shape, np.nan), where=of_class > 0)


def uar(matrix: np.ndarray) -> Any:
    """Unweighted average recall over the classes that have clips: (..., classes, classes) -> (...).

    The mean of the recalls, which weighs every class alike (B. Schuller, S. Steidl and A. Batliner, The
    INTERSPEECH 2009 Emotion Challenge).

    >>> float(uar(np.array([[8, 0], [1, 1]])))
    0.75
    """
    return np.nanmean(recalls(matrix), axis=-1)


def accuracy(matrix: np.ndarray) -> float:
    """Share of clips that were recognised: (classes, classes) -> a number in [0, 1].

    Papers on speech emotion recognition call it weighted accuracy (WA): the recalls' mean, each class
    weighted by its clips.

    >>> accuracy(np.array([[8, 0], [1, 1]]))
    0.9
    """
    matrix = np.asarray(matrix)
    return float(np.trace(matrix) / matrix.sum())


def as_one_class(matrix: np.ndarray) -> np.ndarray:
    """The clips of all classes as those of one, recognised or not: (..., classes, classes) -> (..., 2, 2).

    Its UAR is the accuracy of `matrix`, and so is whatever is made of a UAR, such as an interval.

    >>> as_one_class(np.array([[8, 0], [1, 1]])).tolist()
    [[9.0, 1.0], [0.0, 0.0]]
    """
    matrix = np.asarray(matrix, dtype=float)
    hits = np.trace(matrix, axis1=-2, axis2=-1)
    found = np.zeros((*matrix.shape[:-2], 2, 2))
    found[..., 0, 0], found[..., 0, 1] = hits, matrix.sum(axis=(-2, -1)) - hits
    return found


def macro_f1(matrix: np.ndarray) -> float:
    """F1 averaged over the classes that have clips: (classes, classes) -> a number in [0, 1].

    F1 = 2 hits / (clips of the class + clips predicted as it), the harmonic mean of precision and recall (C.
    J. van Rijsbergen, Information Retrieval, 2nd edition, 1979, chapter 7). A class that is never predicted
    scores 0.

    >>> macro_f1(np.array([[2, 0], [1, 1]]))
    0.7333333333333334
    """
    matrix = np.asarray(matrix, dtype=float)
    hits, of_class, as_class = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    present = of_class > 0
    return float(np.mean(2 * hits[present] / (of_class + as_class)[present]))


def cross_entropy(labels: np.ndarray, probabilities: np.ndarray, *, floor: float = 1e-4) -> float:
    """Mean negative log-probability of the true class, in nats: (n,), (n, classes) -> a number.

    A probability under `floor` counts as `floor`: one that is stored as 0 would make the mean infinite.

    >>> round(cross_entropy(np.array([0, 1]), np.array([[0.5, 0.5], [0.0, 1.0]])), 4)
    0.3466
    """
    of_truth = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(of_truth, floor)).mean())


def speaker_uars(matrices: np.ndarray) -> np.ndarray:
    """UAR of each speaker alone, over the classes that the speaker has: (..., speakers)."""
    return np.asarray(uar(matrices))
