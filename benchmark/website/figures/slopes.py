"""A slope chart of one corpus: what is published, our run under the same protocol, and unheard.

Coordinates are SVG's, y points down, from 0 to 100 percent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benchmark.website.claims import Claim, Run
from benchmark.website.filters import percent

TOP, BOTTOM = 26.0, 346.0
COLUMNS = (152.0, 246.0, 340.0)  # published, under the same protocol, unheard
LINE, SPREAD = 11.0, 36.0  # height of a label, width over which models stand in a column


@dataclass(frozen=True)
class Dot:
    """One of our runs: the middle and its whisker."""

    x: float
    y: float
    low: float
    high: float
    interval: bool


@dataclass(frozen=True)
class Slope:
    """One claim: its name with a line to its mark, and through the dots of our runs."""

    claim: Claim
    y: float
    label: float  # the height of its name
    dots: tuple[Dot, ...]

    @property
    def path(self) -> str:
        return f"M{COLUMNS[0]} {self.y}" + "".join(f"L{dot.x} {dot.y}" for dot in self.dots)


@dataclass(frozen=True)
class Slopes:
    """All that a template draws of one corpus."""

    corpus: str
    slopes: tuple[Slope, ...]
    ends: tuple[tuple[float, str], ...]  # height and number of what is unheard
    chance: float | None


def slopes(corpus: str, claims: Sequence[Claim]) -> Slopes | None:
    """The chart of the claims that have a run here; None where none has."""
    measured = [claim for claim in claims if claim.same or claim.unheard]
    if not measured:
        return None
    aside = asides({claim.row.model_here for claim in measured})
    labels = apart([down(claim.row.percent / 100) for claim in measured])
    unheard = sorted({(down(run.score), percent(run.score)) for c in measured if (run := c.unheard)})
    return Slopes(
        corpus=corpus,
        slopes=tuple(
            Slope(claim, down(claim.row.percent / 100), label, _dots(claim, aside[claim.row.model_here]))
            for claim, label in zip(measured, labels, strict=True)
        ),
        ends=tuple(zip(apart([y for y, _ in unheard]), (text for _, text in unheard), strict=True)),
        chance=next((down(run.table.chance) for c in measured if (run := c.unheard)), None),
    )


def down(share: float) -> float:
    """Where a score in [0, 1] lies."""
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def _dots(claim: Claim, aside: float) -> tuple[Dot, ...]:
    runs = zip(COLUMNS[1:], (claim.same, claim.unheard), strict=True)
    return tuple(dot(run, x + aside) for x, run in runs if run)


def asides(models: Iterable[str]) -> dict[str, float]:
    """How far beside the middle of a column each model's dots stand, so that none covers another."""
    names = sorted(models)
    step = min(SPREAD / len(names), 6.0)
    return {name: step * (place - (len(names) - 1) / 2) for place, name in enumerate(names)}


def dot(run: Run, x: float) -> Dot:
    """A run's mark."""
    return Dot(round(x, 1), down(run.score), down(run.low), down(run.high), run.interval)


def apart(heights: Sequence[float]) -> list[float]:
    """Heights of labels, rising as given, moved so that none covers another and none is below the plot."""
    found: list[float] = []
    for y in heights:
        found.append(max(y, found[-1] + LINE) if found else y)
    lowest = [BOTTOM - LINE * after for after in reversed(range(len(found)))]
    return [round(min(pair), 1) for pair in zip(found, lowest, strict=True)]
