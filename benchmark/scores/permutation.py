"""How sure a score is. Clips of one voice are not independent, so speakers are what is drawn and swapped.

All functions take confusion matrices by speaker, (..., speakers, classes, classes), averaged over a model's
seeds: once the class counts are fixed UAR is linear in the matrix, so the UAR of the mean matrix is the mean
UAR, and a speaker's seeds stay together whatever is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.scores.bootstrap import DRAWS

EXACT = 12  # speakers up to which all 2^n subsets are swapped
SAME = 1e-10  # differences of UAR closer than this are equal: sums differ in the last bits


@dataclass(frozen=True)
class PairedTests:
    """Paired swap tests of every model against every other."""

    p: np.ndarray  # (models, models), two-sided, 1 on the diagonal
    smallest: float  # the smallest p that so many speakers allow
    exact: bool  # every subset of speakers was swapped, not a random choice of them


def speaker_shares(matrices: np.ndarray) -> np.ndarray:
    """What each speaker adds to the pooled UAR: (..., speakers). They sum to it."""
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)  # (..., speakers, classes)
    of_class = matrices.sum(axis=(-3, -1))  # (..., classes)
    present = of_class > 0
    weights = np.divide(1.0, of_class, out=np.zeros(of_class.shape), where=present)
    return np.einsum("...sk,...k->...s", hits, weights / present.sum(axis=-1, keepdims=True))


def paired_tests(speaker_parts: np.ndarray, *, seed: int = 0, draws: int = DRAWS) -> PairedTests:
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
    return PairedTests(p=p, smallest=1 / (len(signs) + extra), exact=exact)


def _all_signs(speakers: int) -> np.ndarray:
    # The first speaker is never swapped: a subset and its complement give differences of the same size.
    subsets = np.arange(2 ** (speakers - 1))[:, None] >> np.arange(speakers - 1)
    return np.hstack([np.ones((len(subsets), 1)), 1.0 - 2.0 * (subsets & 1)])


def _random_signs(speakers: int, *, seed: int, draws: int) -> np.ndarray:
    return 1.0 - 2.0 * np.random.default_rng(seed).integers(0, 2, (draws, speakers))
