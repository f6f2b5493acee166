"""What a search buys: the best validation score to expect of so many trials."""

from __future__ import annotations

import numpy as np


def expected_best(scores: np.ndarray) -> np.ndarray:
    """The expected highest score of 1 to n trials, given the scores of n trials; both (n,).

    Of k trials drawn with replacement from these, the highest is at most the i-th lowest with probability
    (i / n)^k (J. Dodge et al., Show your work: improved reporting of experimental results, EMNLP 2019,
    equation 1). It takes trials for independent draws, which those of a search that learns from earlier ones
    are not: early ones are then taken for better than they were.

    >>> expected_best(np.array([0.5, 0.3])).tolist()
    [0.4, 0.45]
    """
    n = len(scores)
    share = np.arange(n + 1) / n
    trials = np.arange(1, n + 1)[:, None]
    return np.diff(share**trials, axis=1) @ np.sort(scores)  # (n, n) @ (n,)
