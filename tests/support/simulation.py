"""Made-up worlds in which the truth is known: does the interval cover it, does the test find what is there?

`python tests/support/simulation.py` prints the tables of docs/statistics.md, in some minutes. Its test looks
at fewer worlds.

A world has a population of speakers. A model recognises a class of a speaker's with its own probability, to
which the speaker, the speaker with this model, and the class add what they please; and training adds the same
noise to all speakers of a fold, anew for each seed. Spreads are those of the committed records.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from benchmark.scores import bootstrap, difference, metrics, permutation, shares, variance

CLASSES, SEEDS = 7, 3
UAR, SPEAKER, PAIR = 0.55, 0.10, 0.06  # mean; standard deviations over speakers, of a speaker with a model
CLASS = np.array([-0.2, -0.1, -0.05, 0.0, 0.05, 0.1, 0.2])
COUNTS = (4, 10)  # clips of a class by a speaker, fewest and most


@dataclass(frozen=True)
class Setting:
    """Speakers and the folds that test them; `noise` is a fold's standard deviation by training."""

    speakers: int
    folds: int
    noise: float = 0.0
    difference: float = 0.0  # true, of the first model less the second

    @property
    def fold_of(self) -> np.ndarray:
        return np.arange(self.speakers) * self.folds // self.speakers


def world(setting: Setting, rng: np.random.Generator) -> np.ndarray:
    """Confusion matrices of two models on the same clips: (2, seeds, speakers, classes, classes)."""
    n, counts = setting.speakers, rng.integers(*COUNTS, (setting.speakers, CLASSES), endpoint=True)
    noise = rng.normal(0, setting.noise, (2, SEEDS, setting.folds))[:, :, setting.fold_of]
    chances = (
        UAR
        + CLASS
        + rng.normal(0, SPEAKER, (n, 1))
        + rng.normal(0, PAIR, (2, 1, n, 1))
        + noise[..., None]
        + np.array([setting.difference / 2, -setting.difference / 2]).reshape(2, 1, 1, 1)
    )
    hits = rng.binomial(counts, np.clip(chances, 0, 1))  # (2, seeds, speakers, classes)
    matrices = hits[..., None] * np.eye(CLASSES)
    matrices[..., 0, 1] += (counts - hits)[..., 0]  # which other class is taken for it makes no difference
    matrices[..., 1:, 0] += (counts - hits)[..., 1:]
    return matrices


def covered(
    setting: Setting, *, worlds: int, draws: int, plain: bool = False, accuracy: bool = False
) -> float:
    """In which share of worlds the interval of the first model's score holds the truth.

    `plain`: between the plain percentiles of 95 %, not the expanded ones. `accuracy`: of the accuracy, not of
    the UAR; the truth is the same, as a class is as frequent as any other.
    """
    n, rng, level = setting.speakers, np.random.default_rng(0), 0.95
    if plain:  # the level whose expanded percentiles those are
        level = 2 * special.stdtr(n - 1, special.ndtri(0.975) * np.sqrt((n - 1) / n)) - 1
    found = []
    for _ in range(worlds):
        matrices = world(setting, rng)[0].mean(axis=0)
        of = metrics.as_one_class(matrices) if accuracy else matrices
        low, high = bootstrap.interval(of, draws=draws, level=level) or (0, 1)
        found.append(low <= UAR <= high)
    return float(np.mean(found))


@dataclass(frozen=True)
class Compared:
    """What comparisons of two models find: shares of worlds in which..."""

    significant: float  # p is below 5 %
    naive: float  # likewise, if training noise were not counted
    covered: float  # the interval of the difference holds the truth; nan where there is none
    detectable: float  # not a share: the mean of the smallest detectable differences


def compared(setting: Setting, *, worlds: int, draws: int, seed: int = 0) -> Compared:
    """What comes out in so many worlds."""
    rng = np.random.default_rng(seed)
    each = [_pair(shares.speaker_shares(world(setting, rng)), setting, draws) for _ in range(worlds)]
    return Compared(*np.mean(np.array(each, dtype=float), axis=0))


def _pair(seeds: np.ndarray, setting: Setting, draws: int) -> tuple[float | None, ...]:
    """Of one world; `seeds` are shares, (2, seeds, speakers)."""
    folds, of, n = setting.fold_of, seeds.mean(axis=1), setting.speakers
    noise = [shares.training_noise(one, folds) for one in seeds]
    tests = permutation.paired_tests(of, folds, noise, draws=draws)
    naive = permutation.paired_tests(of, folds, [variance.NONE] * 2, draws=draws)
    around_it = difference.variance(of[0] - of[1], np.full(n, 1 / n))
    both = variance.summed([one for one in noise if one])
    known = variance.summed([around_it, both])
    interval = permutation.interval(of[0] - of[1], np.full(n, 1 / n), both, draws=draws)
    return (
        tests.p[0, 1] < 0.05,
        naive.p[0, 1] < 0.05,
        interval and interval[0] <= setting.difference <= interval[1],
        difference.detectable(known, speakers=n, smallest=float(tests.smallest[0, 1])),
    )


def print_coverage() -> None:
    """The table of intervals."""
    print("| speakers | expanded percentiles | plain percentiles | of the accuracy |\n" + "|---" * 4 + "|")
    kinds: list[dict[str, bool]] = [{}, {"plain": True}, {"accuracy": True}]
    for n in (10, 24, 91):
        found = (covered(Setting(n, n), worlds=4000, draws=2000, **kind) for kind in kinds)
        print(f"| {n} | {' | '.join(f'{100 * share:.1f}' for share in found)} |", flush=True)


def print_comparisons() -> None:
    """The table of comparisons."""
    print("| speakers | folds | noise | level | noise not counted | power at 5 | at 10 | at detectable "
          "| detectable | interval covers |\n" + "|---" * 10 + "|")  # fmt: skip
    for n, folds in ((6, 6), (10, 10), (24, 6), (91, 5), (24, 1)):
        for noise in (0.0, 0.02, 0.04):
            null = compared(Setting(n, folds, noise), worlds=5000, draws=1000)
            powers = [
                compared(Setting(n, folds, noise, apart), worlds=1000, draws=1000, seed=1).significant
                for apart in (0.05, 0.10, null.detectable)
            ]
            numbers = (null.significant, null.naive, *powers, null.detectable, null.covered)
            cells = " | ".join("–" if np.isnan(one) else f"{100 * one:.1f}" for one in numbers)
            print(f"| {n} | {folds} | {100 * noise:.0f} | {cells} |", flush=True)


if __name__ == "__main__":
    print_coverage()
    print_comparisons()
