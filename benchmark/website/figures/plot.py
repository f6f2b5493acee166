"""Where small pictures put their marks: SVG coordinates, y points down, rounded so that bytes stay equal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.scores.calibration import Reliability
from benchmark.website.figures.curves import UAR, Curve

LEFT, RIGHT, TOP = 36.0, 316.0, 8.0
RELIABILITY, LINE = 148.0, 88.0  # the bottoms of the two kinds of plot


@dataclass(frozen=True)
class Column:
    """One bin of a reliability diagram: the bar of what is right, and the height of what is expected."""

    x: float
    middle: float
    width: float
    top: float
    height: float
    expected: float
    count: int


@dataclass(frozen=True)
class Line:
    """A learning curve: its path, and the ends of both axes."""

    curve: Curve
    path: str
    low: float
    high: float
    epochs: int


def columns(found: Reliability) -> tuple[Column, ...]:
    """The bars of a reliability diagram."""
    width = (RIGHT - LEFT) / len(found.bins)
    return tuple(
        Column(
            x=round(LEFT + width * place + 1, 1),
            middle=round(LEFT + width * (place + 0.5), 1),
            width=round(width - 2, 1),
            top=_down(one.accuracy, RELIABILITY),
            height=round(RELIABILITY - _down(one.accuracy, RELIABILITY), 1),
            expected=_down(one.confidence, RELIABILITY),
            count=one.count,
        )
        for place, one in enumerate(found.bins)
    )


def line(curve: Curve) -> Line:
    """The picture of a curve: UAR from 0 to 1, anything else from 0 to its highest value."""
    values = curve.values
    low, high = (0.0, 1.0) if curve.name == UAR else (min(0.0, *values), max(0.0, *values))
    shares = [(value - low) / ((high - low) or 1.0) for value in values]
    return Line(curve, _path(shares), low, high, len(values))


def _path(shares: Sequence[float]) -> str:
    """A line through shares of the height; one epoch alone is a short dash."""
    step = (RIGHT - LEFT) / max(len(shares) - 1, 1)
    points = [f"{LEFT + step * place:.1f} {_down(share, LINE)}" for place, share in enumerate(shares)]
    return "M" + "L".join(points) + ("h6" if len(points) == 1 else "")


def _down(share: float, bottom: float) -> float:
    return round(bottom - (bottom - TOP) * share, 1)
