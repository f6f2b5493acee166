"""The overall score: mean UAR over the protocols for which every model that it lists has a full cell.

There is none of a single protocol: how a model does on one corpus is that corpus's own ranking.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from scipy.stats import rankdata

from benchmark.ranking import paired
from benchmark.ranking.cells import TRACKS, Entry, Maker, Track
from benchmark.ranking.conditions import Conditions
from benchmark.scores import holm

FEWEST = 2  # protocols of an overall score (docs/rules.md#ranking)

Full = tuple[Sequence[Entry], Conditions]  # a protocol's full cells, and the conditions that they share


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A model's overall score."""

    model: str
    track: Track
    uar: float
    spread: tuple[float, float]  # the lowest and the highest of the UARs that it is the mean of
    mean_rank: float
    place: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """Which of the protocols that count the overall score is over, by title; all are in one of the three."""

    covered: tuple[str, ...]
    partial: tuple[str, ...]  # not every listed model has them
    absent: tuple[str, ...]  # nobody has

    @property
    def known(self) -> int:
        return len(self.covered) + len(self.partial) + len(self.absent)


@dataclass(frozen=True, kw_only=True)
class Overall:
    """Mean UAR over the protocols for which every model that it lists has a full cell."""

    protocols: tuple[str, ...]
    coverage: Coverage
    standings: tuple[Standing, ...]


def overall(full: Mapping[str, Full], *, known: Mapping[str, str]) -> Overall:
    """`full` holds every protocol's full cells; `known` the titles of those that count.

    What has one name and other code on another corpus is another model: nobody is the mean of several.
    """
    found = {name: {entry.maker: entry for entry in full[name][0]} for name in known if name in full}
    covered = _covered({name: set(entries) for name, entries in found.items() if entries})
    return Overall(
        protocols=covered,
        coverage=_coverage(covered, list(full), known),
        standings=_standings([(found[name], full[name][1]) for name in covered]),
    )


def _covered(full: Mapping[str, set[Maker]]) -> tuple[str, ...]:
    """The two or more protocols that keep the most full cells (models x protocols).

    One stray run cuts nobody off.
    """
    best: tuple[int, int, tuple[str, ...]] = (0, 0, ())
    for size in range(FEWEST, len(full) + 1):
        for names in combinations(full, size):
            models = len(set.intersection(*(full[name] for name in names)))
            if (models * size, size) > best[:2]:
                best = (models * size, size, names)
    return best[2]


def _coverage(covered: Sequence[str], present: Sequence[str], known: Mapping[str, str]) -> Coverage:
    return Coverage(
        covered=tuple(title for name, title in known.items() if name in covered),
        partial=tuple(title for name, title in known.items() if name in present and name not in covered),
        absent=tuple(title for name, title in known.items() if name not in present),
    )


def _standings(tables: Sequence[tuple[Mapping[Maker, Entry], Conditions]]) -> tuple[Standing, ...]:
    """Of the models that all tables have; one test over the speakers of all protocols."""
    standings = []
    for name in TRACKS if tables else ():
        of_track = [{m for m, entry in entries.items() if entry.track == name} for entries, _ in tables]
        models = sorted(set.intersection(*of_track))
        if not models:
            continue
        uars = np.array([[entries[m].uar for entries, _ in tables] for m in models])  # (models, protocols)
        ranks = rankdata(-uars.round(10), axis=0).mean(axis=1)
        means = uars.mean(axis=1)
        samples = [paired.sample([entries[m] for m in models], own) for entries, own in tables]
        places = holm.place_ranges(means, paired.together(samples).tests().p)
        standings += [
            Standing(
                model=m.name,
                track=name,
                uar=float(u),
                spread=(float(row.min()), float(row.max())),
                mean_rank=float(r),
                place=(int(p[0]), int(p[1])),
            )
            for m, row, u, r, p in zip(models, uars, means, ranks, places, strict=True)
        ]
    return tuple(sorted(standings, key=lambda s: (TRACKS.index(s.track), -s.uar, s.mean_rank, s.model)))
