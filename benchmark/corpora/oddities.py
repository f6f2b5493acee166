"""Clips that can be used, and that a person should listen to: silent, very short, very long, copies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from benchmark.audio import level
from benchmark.corpora.file_index import Facts

SHORTEST, LONGEST = 0.3, 30.0  # seconds: the six corpora have 1.2 to 14


@dataclass(frozen=True, kw_only=True)
class Oddities:
    """Clips by their names, in the manifest's order; none of them stops a run."""

    silent: tuple[str, ...]
    short: tuple[str, ...]  # under SHORTEST
    long: tuple[str, ...]  # over LONGEST
    copies: tuple[tuple[str, str], ...]  # one recording, at another level or encoded anew


def find(facts: Mapping[str, Facts]) -> Oddities:
    """What is odd among these usable clips."""
    return Oddities(
        silent=tuple(clip for clip, fact in facts.items() if fact.silent),
        short=tuple(clip for clip, fact in facts.items() if fact.seconds < SHORTEST),
        long=tuple(clip for clip, fact in facts.items() if fact.seconds > LONGEST),
        copies=_copies(facts),
    )


def _copies(facts: Mapping[str, Facts]) -> tuple[tuple[str, str], ...]:
    lengths = defaultdict(list)
    for clip, fact in facts.items():
        lengths[fact.seconds].append(clip)
    pairs = (pair for clips in lengths.values() for pair in combinations(clips, 2))
    return tuple((one, other) for one, other in pairs if _is_copy(facts[one], facts[other]))


def _is_copy(one: Facts, other: Facts) -> bool:
    return one.sound != other.sound and level.alike(one.contour, other.contour)
