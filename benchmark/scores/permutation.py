"""The paired permutation test over speakers: is one model's UAR better than another's by more than chance?

Clips of one voice are not independent, so speakers are what is permuted. All functions take confusion
matrices by speaker, (..., speakers, classes, classes), averaged over a model's seeds: once the class counts
are fixed UAR is linear in the matrix, so the UAR of the mean matrix is the mean UAR, and a speaker's seeds
stay together however speakers are permuted.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmark.scores.bootstrap import DRAWS

EXACT = 12  # speakers up to which all 2^n subsets are taken
SAME = 1e-10  # differences of UAR closer than this are equal: sums differ in the last bits


@dataclass(frozen=True)
class PairedTests:
    """Paired permutation tests of every model against every other."""

    p: np.ndarray  # (models, models), two-sided, 1 on the diagonal
    smallest: float  # the smallest p that so many speakers allow
    exact: bool  # every subset of speakers was exchanged, not a random choice of them


def speaker_shares(matrices: np.ndarray) -> np.ndarray:
    """What each speaker adds to the pooled UAR: (..., speakers). They sum to it.

    >>> speaker_shares(np.array([[[1, 0], [1, 0]], [[1, 0], [0, 1]]])).tolist()
    [0.25, 0.5]
    """
    hits = np.diagonal(matrices, axis1=-2, axis2=-1)  # (..., speakers, classes)
    of_class = matrices.sum(axis=(-3, -1))  # (..., classes)
    present = of_class > 0
    weights = np.divide(1.0, of_class, out=np.zeros(of_class.shape), where=present)
    return np.einsum("...sk,...k->...s", hits, weights / present.sum(axis=-1, keepdims=True))


def paired_tests(shares: np.ndarray, *, seed: int = 0, draws: int = DRAWS) -> PairedTests:
    """Two-sided paired permutation tests of all pairs of models.

    `shares` is (models, speakers), from `speaker_shares`, all on the same clips. Under the null hypothesis
    the two models' predictions for a speaker may be exchanged, which flips the sign of the speaker's share of
    the difference; p is the share of the subsets of speakers whose exchange gives a difference at least as
    large as the observed one. All subsets are taken up to twelve speakers; beyond, `draws` random ones, and p
    = (hits + 1) / (draws + 1) (R. A. Fisher, The Design of Experiments, 1935, section 21; B. Phipson and G.
    K. Smyth, Permutation p-values should never be zero, 2010, for the added one).

    >>> paired_tests(np.array([[0.5, 0.5], [0.1, 0.2]])).p.tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    models, speakers = shares.shape
    exact = speakers <= EXACT
    signs = _all_signs(speakers) if exact else _random_signs(speakers, seed=seed, draws=draws)
    permuted = shares @ signs.T  # (models, subsets)
    uars = shares.sum(axis=1)
    extra = 0 if exact else 1
    p = np.ones((models, models))
    for i in range(models - 1):
        differences = np.abs(permuted[i + 1 :] - permuted[i])
        hits = np.sum(differences >= np.abs(uars[i + 1 :] - uars[i])[:, None] - SAME, axis=1)
        p[i, i + 1 :] = p[i + 1 :, i] = (hits + extra) / (len(signs) + extra)
    return PairedTests(p=p, smallest=1 / (len(signs) + extra), exact=exact)


def _all_signs(speakers: int) -> np.ndarray:
    """Of every subset, -1 for its speakers: (subsets, speakers).

    The first speaker is in none: a subset and its complement give differences of the same size.
    """
    subsets = np.arange(2 ** (speakers - 1))[:, None] >> np.arange(speakers - 1)
    return np.hstack([np.ones((len(subsets), 1)), 1.0 - 2.0 * (subsets & 1)])


def _random_signs(speakers: int, *, seed: int, draws: int) -> np.ndarray:
    return 1.0 - 2.0 * np.random.default_rng(seed).integers(0, 2, (draws, speakers))
