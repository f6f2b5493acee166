"""What is hardest under a protocol: the speakers and the confusions with which most models have trouble."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.ranking.cells import Entry

MOST = 5  # that are shown


@dataclass(frozen=True)
class Confusion:
    """The share of an emotion's clips that is taken for another, in [0, 1]."""

    truth: str
    taken_for: str
    share: float


def informed(entries: Sequence[Entry], chance: float) -> list[Entry]:
    """Entries that are better than chance: what a guesser confuses shows nothing of the clips."""
    return [entry for entry in entries if entry.uar > chance + 1e-9]


def speakers(entries: Sequence[Entry], *, most: int = MOST) -> list[tuple[str, float]]:
    """The speakers with the lowest UAR, mean over models that were tested on the same speakers."""
    names = list(entries[0].speaker_uars) if entries else []
    means = {name: float(np.mean([entry.speaker_uars[name] for entry in entries])) for name in names}
    return sorted(means.items(), key=lambda item: (item[1], item[0]))[:most]


def confusions(entries: Sequence[Entry], labels: Sequence[str], *, most: int = MOST) -> list[Confusion]:
    """The largest cells off the diagonal of the confusion matrix, each row its shares, mean over models."""
    if not entries:
        return []
    matrices = np.array([entry.matrix for entry in entries])  # (models, classes, classes)
    of_class = matrices.sum(axis=2, keepdims=True)
    shares = np.divide(matrices, of_class, out=np.zeros(matrices.shape), where=of_class > 0).mean(axis=0)
    found = [
        Confusion(truth, taken, float(shares[i, j]))
        for i, truth in enumerate(labels)
        for j, taken in enumerate(labels)
        if i != j and shares[i, j] > 0
    ]
    return sorted(found, key=lambda c: (-round(c.share, 10), c.truth, c.taken_for))[:most]
