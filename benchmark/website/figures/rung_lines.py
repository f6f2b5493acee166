"""A line chart of one corpus: the UAR of each model from rung to rung of the ladder.

Coordinates are SVG's, y points down, from 0 to 100 percent, as in benchmark/website/figures/slopes.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.website.figures import slopes
from benchmark.website.figures.slopes import Dot
from benchmark.website.rungs import Ladder

LEFT, STEP = 52.0, 56.0  # the first rung's column, and from one to the next
BESIDE = 22.0  # where numbers stand: how far beside the last column that a line reaches


@dataclass(frozen=True)
class Line:
    """One model: dots on the rungs that it ran, joined but for the control; its number beside the last."""

    model: str
    dots: tuple[Dot, ...]
    path: str
    end: tuple[float, float]  # where its number stands


@dataclass(frozen=True)
class RungLines:
    """All that a template draws of one corpus."""

    columns: tuple[float, ...]
    lines: tuple[Line, ...]  # in the ladder's order
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
    last = {model: max(own) for model, own in dots.items()}
    heights = {
        model: y
        for place in set(last.values())
        for model, y in _heights({m: own[place].y for m, own in dots.items() if last[m] == place}).items()
    }
    joined = [place for place, rung in enumerate(ladder.rungs) if not rung.control]
    return RungLines(
        columns=columns,
        lines=tuple(
            Line(
                model=model,
                dots=tuple(own.values()),
                path=_path([own[place] for place in joined if place in own]),
                end=(columns[last[model]] + BESIDE, heights[model]),
            )
            for model, own in dots.items()
        ),
        chance=slopes.down(ladder.chance),
    )


def _heights(dots: Mapping[str, float]) -> dict[str, float]:
    """Those of the numbers that stand beside the dots of one column."""
    names = sorted(dots, key=lambda model: dots[model])
    return dict(zip(names, slopes.apart([dots[model] for model in names]), strict=True))


def _path(dots: Sequence[Dot]) -> str:
    return "M" + "L".join(f"{dot.x} {dot.y}" for dot in dots) if dots else ""
