"""The paired permutation test over speakers: is one model's UAR better than another's by more than chance?

Clips of one voice are not independent, so speakers are what is exchanged. Where one trained model tests
several speakers, its training noise is theirs together, which exchanging them one by one does not show: so
each exchange also draws such noise, as large as the seeds show it to be. Where a single seed leaves it
unknown, whole folds are exchanged. docs/statistics.md has the level and the power of the test.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np

from benchmark.scores.bootstrap import DRAWS, LEVEL
from benchmark.scores.shares import by_fold
from benchmark.scores.variance import NONE, Variance, summed

EXACT = 12  # speakers up to which all 2^n subsets are taken
SAME = 1e-10  # differences of UAR closer than this are equal: sums differ in the last bits


@dataclass(frozen=True)
class PairedTests:
    """Paired permutation tests of every model against every other: (models, models) each."""

    p: np.ndarray  # two-sided, 1 on the diagonal
    smallest: np.ndarray  # the smallest p that so many speakers allow
    units: np.ndarray  # speakers that are exchanged, or folds where training noise is not known


def paired_tests(
    shares: np.ndarray,
    folds: np.ndarray,
    noise: Sequence[Variance | None],
    *,
    seed: int = 0,
    draws: int = DRAWS,
) -> PairedTests:
    """Two-sided paired permutation tests of all pairs of models.

    `shares` is (models, speakers), from `speaker_shares`, all on the same clips; `folds` (speakers,) the fold
    that tests each speaker; `noise` each model's, from `training_noise`.

    Under the null hypothesis the two models' predictions for a speaker may be exchanged, which flips the sign
    of the speaker's share of the difference; p is the share of the subsets of speakers whose exchange gives a
    difference at least as large as the observed one. All subsets are taken up to twelve speakers, beyond
    `draws` random ones. Where noise is shared each has a draw of it too, from Student's t. Where anything is
    drawn p = (hits + 1) / (draws + 1) (R. A. Fisher, The Design of Experiments, 1935, section 21; B. Phipson
    and G. K. Smyth, Permutation p-values should never be zero, 2010, for the added one).

    >>> paired_tests(np.array([[0.5, 0.5], [0.1, 0.2]]), np.arange(2), [NONE] * 2).p.tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    found = _exchanged(shares, [one or NONE for one in noise], seed=seed, draws=draws)
    known = np.array([one is not None for one in noise])
    if known.all():
        return found
    whole = _exchanged(by_fold(shares, folds), [NONE] * len(shares), seed=seed, draws=draws)
    both = known & known[:, None]
    return PairedTests(
        p=np.where(both, found.p, whole.p),
        smallest=np.where(both, found.smallest, whole.smallest),
        units=np.where(both, found.units, whole.units),
    )


def interval(
    apart: np.ndarray,
    weights: np.ndarray,
    noise: Variance = NONE,
    *,
    seed: int = 0,
    draws: int = DRAWS,
    level: float = LEVEL,
) -> tuple[float, float] | None:
    """The true differences that the test does not reject: (low, high); None where so few units bound none.

    `apart` (units,) is what each adds to the difference of two UARs, `weights` (units,) what it would add to
    a difference of 1, `noise` of both models together. So 0 lies outside just where p is below 1 - level.

    With d as the null hypothesis a subset counts where exchanging it in `apart - d * weights` gives no less
    than that sums to. That holds for all d between two means of the difference, with `weights`: over the
    subset, and over the others (J. A. Hartigan, Using subsample values as typical values, Journal of the
    American Statistical Association 64, 1969).

    >>> interval(np.array([0.01, 0.02, 0.03, 0.04, 0.05, 0.06]), np.full(6, 0.1))
    (0.0999..., 0.6)
    """
    signs, extra = _subsets(len(apart), seed=seed, draws=draws)
    drawn = np.zeros(len(signs))
    if noise.value:
        signs, extra = np.resize(signs, (draws, len(apart))), 1
        drawn = noise.error * _standard_errors(max(int(noise.freedom), 1), seed=seed, draws=draws)
    sides = (((1 - signs) / 2, -drawn / 2), ((1 + signs) / 2, drawn / 2))
    with np.errstate(divide="ignore", invalid="ignore"):  # one of the two may have no unit
        means = np.array([(side @ apart + half) / (side @ weights) for side, half in sides])
    means[:, np.isnan(means).any(axis=0)] = [[-np.inf], [np.inf]]  # then any d counts
    least = max(math.ceil((1 - level) * (len(signs) + extra) - extra - SAME), 1)  # so many must count
    low = float(np.partition(means.min(axis=0), least - 1)[least - 1])
    high = float(np.partition(means.max(axis=0), -least)[-least])
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _exchanged(shares: np.ndarray, noise: Sequence[Variance], *, seed: int, draws: int) -> PairedTests:
    """Columns of `shares` are exchanged: (models, units)."""
    models, units = shares.shape
    signs, added = _subsets(units, seed=seed, draws=draws)
    exchanged, uars = shares @ signs.T, shares.sum(axis=1)  # (models, subsets), (models,)
    p = np.ones((models, models))
    for i, j in combinations(range(models), 2):
        drawn, extra = exchanged[i] - exchanged[j], added
        if noise[i].value or noise[j].value:
            known, extra = summed([noise[i], noise[j]]), 1
            errors = _standard_errors(max(int(known.freedom), 1), seed=seed, draws=draws)
            drawn = np.resize(drawn, draws)  # few subsets come several times
            drawn += known.error * errors
        hits = np.count_nonzero(np.abs(drawn, out=drawn) >= abs(uars[i] - uars[j]) - SAME)
        p[i, j] = p[j, i] = (hits + extra) / (len(drawn) + extra)
    smallest = 1 / (len(signs) + added)
    return PairedTests(p, np.full((models, models), smallest), np.full((models, models), units))


@lru_cache(maxsize=64)  # pairs with as many seeds share their draws
def _standard_errors(freedom: int, *, seed: int, draws: int) -> np.ndarray:
    """Drawn from Student's t with so many degrees of freedom: (draws,)."""
    return np.random.default_rng([seed, freedom]).standard_t(freedom, draws)


def _subsets(units: int, *, seed: int, draws: int) -> tuple[np.ndarray, int]:
    """Of all subsets of few units, or of random ones, -1 for what is exchanged, else 1: (subsets, units).

    And how many more are counted as drawn: the observed one beside random ones.
    """
    if units <= EXACT:
        return _all_signs(units), 0
    return _random_signs(units, seed=seed, draws=draws), 1


@lru_cache(maxsize=4)
def _all_signs(units: int) -> np.ndarray:
    """Of every subset, -1 for its speakers: (subsets, speakers).

    The first speaker is in none: a subset and its complement give differences of the same size.
    """
    subsets = np.arange(2 ** (units - 1))[:, None] >> np.arange(units - 1)
    return np.hstack([np.ones((len(subsets), 1)), 1.0 - 2.0 * (subsets & 1)])


@lru_cache(maxsize=4)  # pairs of models share them
def _random_signs(units: int, *, seed: int, draws: int) -> np.ndarray:
    return 1.0 - 2.0 * np.random.default_rng(seed).integers(0, 2, (draws, units))
