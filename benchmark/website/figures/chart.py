"""The picture of UAR against MACs: where every mark goes. Coordinates are SVG's, y points down.

A model whose MACs are not counted stands in a column of its own, right of the axis. Neither such a
model nor one whose author alone declares them is ever on the Pareto front.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.ranking.cells import Entry, Track
from benchmark.website.filters import percent
from benchmark.website.rows import Row

LEFT, RIGHT, TOP, BOTTOM = 46.0, 780.0, 14.0, 380.0  # of the plot
ASIDE = (806.0, 854.0)  # the column of what is not counted
OVERALL = "overall"


@dataclass(frozen=True)
class Mark:
    """One model in one series: the middle and its whisker; `interval`: whether that is a 95 % interval."""

    uar: float
    y: float
    low: float | None
    high: float | None
    interval: bool


@dataclass(frozen=True, kw_only=True)
class Point:
    """One model; `marks` by series."""

    row: Row
    track: Track
    x: float
    counted: bool
    marks: dict[str, Mark]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """All that a template draws."""

    points: tuple[Point, ...]
    fronts: dict[str, str]  # the Pareto front as an SVG path, by series
    leaders: dict[str, tuple[str, ...]]  # models on it, by series
    series: dict[str, str]  # title by name, overall first
    ticks: tuple[tuple[float, int], ...]  # x, MACs


def chart(rows: Mapping[Track, Sequence[Row]], titles: Mapping[str, str]) -> Chart | None:
    """The chart of the overview's rows; `titles` are the tables' by protocol. None without any point."""
    found = [(track, row) for track, group in rows.items() for row in group if _marks(row)]
    counts = [n for _, row in found if (n := _counted(row))]
    if not counts:
        return None
    low, high = _decades(counts)
    uncounted = [row.model.name for _, row in found if not _counted(row)]
    aside = dict(zip(uncounted, _spread(*ASIDE, len(uncounted)), strict=True))
    points = tuple(
        Point(
            row=row,
            track=track,
            x=_across(n, low, high) if (n := _counted(row)) else aside[row.model.name],
            counted=bool(n) and row.cost is not None and row.cost.by != "declared",
            marks=marks,
        )
        for track, row in found
        if (marks := _marks(row))
    )
    series = {OVERALL: "Overall", **titles}
    series = {name: title for name, title in series.items() if any(name in p.marks for p in points)}
    leaders = {name: _front(points, name) for name in series}
    return Chart(
        points=points,
        fronts={name: _path(front, name) for name, front in leaders.items()},
        leaders={name: tuple(p.row.model.name for p in front) for name, front in leaders.items()},
        series=series,
        ticks=tuple((_across(10**e, low, high), 10**e) for e in range(low, high + 1)),
    )


def _spread(low: float, high: float, n: int) -> list[float]:
    """The middles of n equal parts."""
    return [round(low + (high - low) * (i + 0.5) / n, 1) for i in range(n)]


def down(uar: float) -> float:
    """Where a UAR in [0, 1] lies."""
    return round(BOTTOM - (BOTTOM - TOP) * uar, 1)


def places(marks: Mapping[str, Mark]) -> dict[str, list[Any]]:
    """What the overview's script needs to move a point: UAR in words, y, ends of the whisker, its kind."""
    return {
        name: [percent(mark.uar), mark.y, mark.low, mark.high, int(mark.interval)]
        for name, mark in marks.items()
    }


def _counted(row: Row) -> int | None:
    return row.cost.official.total if row.cost else None


def _decades(counts: Sequence[int]) -> tuple[int, int]:
    """Powers of ten that hold all counts."""
    low, high = math.floor(math.log10(min(counts))), math.ceil(math.log10(max(counts)))
    return low, max(high, low + 1)


def _across(count: int, low: int, high: int) -> float:
    return round(LEFT + (RIGHT - LEFT) * (math.log10(count) - low) / (high - low), 1)


def _marks(row: Row) -> dict[str, Mark]:
    marks = {name: _mark(entry) for name, entry in row.entries.items() if not entry.unranked}
    if row.standing:
        uar, (low, high) = row.standing.uar, row.standing.spread
        marks = {OVERALL: Mark(uar, down(uar), down(low), down(high), interval=False), **marks}
    return marks


def _mark(entry: Entry) -> Mark:
    """With the interval where there is one, else the range of the speakers."""
    speakers = [uar for uar in entry.speaker_uars.values() if not math.isnan(uar)]
    low, high = entry.interval or (min(speakers, default=entry.uar), max(speakers, default=entry.uar))
    return Mark(entry.uar, down(entry.uar), down(low), down(high), interval=entry.interval is not None)


def _front(points: Sequence[Point], series: str) -> list[Point]:
    """Points that no other beats at no more MACs, from cheap to dear."""
    front: list[Point] = []
    candidates = [point for point in points if point.counted and series in point.marks]
    for point in sorted(candidates, key=lambda p: (p.x, -p.marks[series].uar)):
        if not front or point.marks[series].uar > front[-1].marks[series].uar:
            front.append(point)
    return front


def _path(front: Sequence[Point], series: str) -> str:
    """Steps: what so many MACs buy at best."""
    if not front:
        return ""
    first, *others = front
    steps = "".join(f"H{point.x}V{point.marks[series].y}" for point in others)
    return f"M{first.x} {first.marks[series].y}{steps}H{RIGHT}"


FILTERS = {function.__name__: function for function in (down, places)}
