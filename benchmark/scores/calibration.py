"""Calibration: of the predictions of which a model is 70 % sure, are 70 % right?

After C. Guo et al., On calibration of modern neural networks, ICML 2017, section 2: bins of equal width over
the probability of the predicted class, closed above.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.scores import metrics

LOGS = (-3.0, 3.0)  # between which the temperature's logarithm is looked for
LEAST = 1e-12  # that a probability counts as, so that each has a logarithm


def temperature(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """The softmax temperature with the least cross-entropy, between 1/20 and 20 (e^-3 and e^3).

    `labels` are (n,), `probabilities` (n, classes). Temperature scaling: Guo et al., section 4.2. Answers
    that are all right are best at 0, where one wrong answer would cost infinitely much, and answers that show
    nothing of the labels at infinity, where all classes round to the same probability: hence the bounds.
    """
    from scipy.optimize import minimize_scalar  # which takes a third of a second, and most uses do without

    fitted = minimize_scalar(
        lambda log_t: metrics.cross_entropy(labels, calibrated(probabilities, float(np.exp(log_t)))),
        bounds=LOGS,
        method="bounded",
    )
    return round(float(np.exp(fitted.x)), 4)


def at_bound(t: float) -> bool:
    """Whether a temperature is at a bound of its search, where the best one may lie beyond.

    >>> at_bound(1.0), at_bound(20.0855)
    (False, True)
    """
    low, high = np.exp(0.99 * np.array(LOGS))
    return not low < t < high


def calibrated(probabilities: np.ndarray, t: float) -> np.ndarray:
    """The softmax at temperature `t` of the logits behind `probabilities`: (n, classes) -> (n, classes).

    >>> calibrated(np.array([[0.8, 0.2]]), 2.0).round(4).tolist()
    [[0.6667, 0.3333]]
    """
    logits = np.log(np.maximum(probabilities, LEAST)) / t
    scaled = np.exp(logits - logits.max(axis=1, keepdims=True))
    return scaled / scaled.sum(axis=1, keepdims=True)


BINS = 10


@dataclass(frozen=True)
class Bin:
    """Predictions whose top probability is above `low` and up to `high`."""

    low: float
    high: float
    count: int
    confidence: float  # mean top probability; 0 in an empty bin
    accuracy: float  # share whose class is the true one; 0 in an empty bin


@dataclass(frozen=True)
class Reliability:
    """The reliability diagram's bins, and the expected calibration error (ECE), all in [0, 1]."""

    bins: tuple[Bin, ...]
    error: float

    @property
    def count(self) -> int:
        """Predictions in all bins."""
        return sum(one.count for one in self.bins)


def reliability(probabilities: np.ndarray, labels: np.ndarray, *, bins: int = BINS) -> Reliability:
    """Bins and error of predictions (n, classes) of which the true classes are `labels` (n,); n > 0.

    The error is the mean over predictions of |accuracy - confidence| of the bin that each is in (equation 3).

    >>> round(reliability(np.array([[0.9, 0.1], [0.3, 0.7]]), np.array([0, 0])).error, 4)
    0.4
    """
    confidence = probabilities.max(axis=1)
    right = metrics.predicted(probabilities) == labels
    edges = np.arange(bins + 1) / bins
    place = np.searchsorted(edges[1:-1], confidence)  # edges[place] < confidence <= edges[place + 1]
    found = tuple(
        _bin(edges[i], edges[i + 1], confidence[place == i], right[place == i]) for i in range(bins)
    )
    gaps = [one.count * abs(one.accuracy - one.confidence) for one in found]
    return Reliability(found, float(sum(gaps) / len(labels)))


def _bin(low: float, high: float, confidence: np.ndarray, right: np.ndarray) -> Bin:
    if not len(confidence):
        return Bin(float(low), float(high), 0, 0.0, 0.0)
    return Bin(float(low), float(high), len(confidence), float(confidence.mean()), float(right.mean()))
