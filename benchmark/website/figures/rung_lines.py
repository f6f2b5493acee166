"""A line chart of one corpus: the UAR of each model from rung to rung, and what others report on the rungs.

Coordinates are SVG's, y points down, from 0 to 100 percent, as in benchmark/website/figures/slopes.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.website.figures import labels, slopes
from benchmark.website.figures.slopes import Dot
from benchmark.website.filters import percent
from benchmark.website.rungs import Ladder, Rung

LEFT, STEP = 66.0, 60.0  # the first rung's column, and from one to the next
BESIDE, LEAD = 34.0, 26.0  # how far beside the last column names stand, and the lines to them end
REPORTED = -22.0  # how far beside a column the squares of published results stand
FONT, HIGH = 12.0, 13.0  # of names: size, and height of a line
LOOKS = 8  # colours, then the same dashed: site/static/style.css


@dataclass(frozen=True)
class Line:
    """One model: dots on the rungs that it ran, joined but for the control; its name beside all columns."""

    model: str
    look: int
    dots: tuple[Dot, ...]
    numbers: tuple[str, ...]  # percent, one a dot
    path: str
    name: float  # the height at which it stands
    lead: str  # from the last dot to the name


@dataclass(frozen=True)
class Reported:
    """What others report under a rung's kind of protocol: a square each."""

    x: float
    squares: tuple[tuple[float, bool], ...]  # height, and whether speakers are unheard
    best: str  # percent, of the highest


@dataclass(frozen=True)
class RungLines:
    """All that a template draws of one corpus."""

    width: float
    end: float  # of what is drawn across all columns
    columns: tuple[float, ...]
    ticks: tuple[tuple[float, int], ...]  # height, percent
    lines: tuple[Line, ...]  # in the ladder's order
    reported: tuple[Reported, ...]
    chance: float


def rung_lines(ladder: Ladder) -> RungLines:
    """The chart of a ladder."""
    columns = tuple(LEFT + STEP * place for place in range(len(ladder.rungs)))
    aside = slopes.asides(ladder.models)
    dots = {
        model: {
            place: slopes.dot(run, columns[place] + aside[model]) for place, run in enumerate(runs) if run
        }
        for model, runs in ladder.models.items()
    }
    last = {model: own[max(own)] for model, own in dots.items()}
    order = sorted(last, key=lambda model: last[model].y)
    names = dict(zip(order, slopes.apart([last[model].y for model in order], HIGH), strict=True))
    looks = {model: place % LOOKS for place, model in enumerate(sorted(dots))}  # the same on every corpus
    joined = [place for place, rung in enumerate(ladder.rungs) if not rung.control]
    wide = max((labels.width(model, FONT) for model in dots), default=0)
    return RungLines(
        width=round(columns[-1] + BESIDE + wide),
        end=columns[-1] + LEAD - 4,
        columns=columns,
        ticks=tuple((slopes.down(share / 100), share) for share in range(0, 101, 20)),
        lines=tuple(
            Line(
                model=model,
                look=looks[model],
                dots=tuple(own.values()),
                numbers=tuple(percent(run.score) for run in ladder.models[model] if run),
                path=_path([own[place] for place in joined if place in own]),
                name=names[model],
                lead=f"M{last[model].x + 5} {last[model].y}L{columns[-1] + LEAD} {names[model]}",
            )
            for model, own in dots.items()
        ),
        reported=tuple(
            _reported(rung, x) for rung, x in zip(ladder.rungs, columns, strict=True) if rung.published
        ),
        chance=slopes.down(ladder.chance),
    )


def _reported(rung: Rung, x: float) -> Reported:
    rows = rung.published
    return Reported(
        x=x + REPORTED,
        squares=tuple((slopes.down(row.percent / 100), row.speaker_independent == "yes") for row in rows),
        best=f"{rows[0].percent:.1f}",
    )


def _path(dots: Sequence[Dot]) -> str:
    return "M" + "L".join(f"{dot.x} {dot.y}" for dot in dots) if dots else ""
