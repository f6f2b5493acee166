"""A slope chart of one corpus: what is published, our run under the same protocol, and unheard.

A column in which no claim has a run is left out. Coordinates are SVG's, y points down, from 0 to 100 percent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.website.claims import Claim, Run
from benchmark.website.filters import percent

TOP, BOTTOM = 26.0, 346.0
LEFT, STEP = 152.0, 94.0  # the first column, and from one to the next
RUNS = {"same": "same protocol", "unheard": "unheard"}  # of a claim, by what their columns are called
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
        return f"M{LEFT} {self.y}" + "".join(f"L{dot.x} {dot.y}" for dot in self.dots)


@dataclass(frozen=True)
class Slopes:
    """All that a template draws of one corpus."""

    corpus: str
    columns: dict[str, float]  # by what they are called
    ticks: tuple[tuple[float, int], ...]  # height, percent
    slopes: tuple[Slope, ...]
    ends: tuple[tuple[float, str], ...]  # height and number of what is unheard
    chance: float | None


def slopes(corpus: str, claims: Sequence[Claim]) -> Slopes | None:
    """The chart of the claims that have a run here; None where none has."""
    measured = [claim for claim in claims if claim.same or claim.unheard]
    if not measured:
        return None
    aside = asides({claim.row.model_here for claim in measured})
    kinds = [kind for kind in RUNS if any(getattr(claim, kind) for claim in measured)]
    columns = {kind: LEFT + STEP * place for place, kind in enumerate(kinds, start=1)}
    labels = apart([down(claim.row.percent / 100) for claim in measured])
    unheard = sorted({(down(run.score), percent(run.score)) for c in measured if (run := c.unheard)})
    return Slopes(
        corpus=corpus,
        columns={"published": LEFT, **{RUNS[kind]: x for kind, x in columns.items()}},
        ticks=tuple((down(share / 100), share) for share in (0, 50, 100)),
        slopes=tuple(
            Slope(claim, down(claim.row.percent / 100), label, _dots(claim, columns, aside))
            for claim, label in zip(measured, labels, strict=True)
        ),
        ends=tuple(zip(apart([y for y, _ in unheard]), (text for _, text in unheard), strict=True)),
        chance=next((down(run.table.chance) for c in measured if (run := c.unheard)), None),
    )


def down(share: float) -> float:
    """Where a score in [0, 1] lies."""
    return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def _dots(claim: Claim, columns: Mapping[str, float], aside: Mapping[str, float]) -> tuple[Dot, ...]:
    runs = ((x + aside[claim.row.model_here], getattr(claim, kind)) for kind, x in columns.items())
    return tuple(dot(run, x) for x, run in runs if run)


def asides(models: Iterable[str]) -> dict[str, float]:
    """How far beside the middle of a column each model's dots stand, so that none covers another."""
    names = sorted(models)
    step = min(SPREAD / len(names), 6.0)
    return {name: step * (place - (len(names) - 1) / 2) for place, name in enumerate(names)}


def dot(run: Run, x: float) -> Dot:
    """A run's mark."""
    return Dot(round(x, 1), down(run.score), down(run.low), down(run.high), run.interval)


def apart(heights: Sequence[float], line: float = LINE) -> list[float]:
    """Heights of labels, rising as given, moved so that none covers another and none is below the plot."""
    found: list[float] = []
    for y in heights:
        found.append(max(y, found[-1] + line) if found else y)
    lowest = [BOTTOM - line * after for after in reversed(range(len(found)))]
    return [round(min(pair), 1) for pair in zip(found, lowest, strict=True)]
