"""A small picture of what a search buys: validation UAR by trials. SVG coordinates, y points down."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.ranking.search_curves import SearchCurve
from benchmark.website.figures.plot import LEFT, LINE, RIGHT, TOP

STEP = 0.05  # of UAR, that the ends of the axis are a multiple of


@dataclass(frozen=True)
class SearchLines:
    """Both lines of a curve, and the ends of their axis."""

    curve: SearchCurve
    expected: str
    found: str
    low: float
    high: float

    @property
    def trials(self) -> int:
        return len(self.curve.expected)


def search_lines(curve: SearchCurve) -> SearchLines:
    """The picture of a curve of two trials or more."""
    both = [*curve.expected, *curve.found]
    low = math.floor(min(both) / STEP) * STEP
    high = max(math.ceil(max(both) / STEP) * STEP, low + STEP)
    expected, found = (_path(uars, low, high) for uars in (curve.expected, curve.found))
    return SearchLines(curve=curve, expected=expected, found=found, low=low, high=high)


def _path(uars: Sequence[float], low: float, high: float) -> str:
    step, scale = (RIGHT - LEFT) / (len(uars) - 1), (LINE - TOP) / (high - low)
    points = (f"{LEFT + step * i:.1f} {LINE - scale * (uar - low):.1f}" for i, uar in enumerate(uars))
    return "M" + "L".join(points)
