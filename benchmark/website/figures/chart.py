"""Accuracy against cost: a picture for each axis and series, the overall score and each protocol that ranks.

Published results under the very same folds stand among the models against multiply-adds. A model whose cost
is not counted, or is declared by its author alone, is never on the Pareto front.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmark.ranking.catalogue import Published
from benchmark.ranking.cells import Entry, Track
from benchmark.ranking.leaderboard import Board
from benchmark.website import filters
from benchmark.website import rows as rows_module
from benchmark.website.figures.axes import AXES, OVERALL
from benchmark.website.figures.picture import WIDE, Axis, Dot, Kind, Mark, Picture, Series, kinds, picture
from benchmark.website.rows import Row


@dataclass(frozen=True, kw_only=True)
class Point:
    """A model or a published result in all pictures; `row` is the model's."""

    key: str
    name: str
    kind: Kind
    row: Row | None = None
    claim: Published | None = None


@dataclass(frozen=True, kw_only=True)
class Chart:
    """All pictures, by "SERIES AXIS", and the points that are in one of them."""

    series: Mapping[str, str]  # titles by name, the overall score first
    axes: tuple[Axis, ...]
    points: tuple[Point, ...]
    pictures: Mapping[str, Picture]
    first: str  # the picture to begin with
    kinds: tuple[Kind, ...]  # those that there are


def chart(
    rows: Mapping[Track, Sequence[Row]],
    series: Sequence[Series],
    published: Mapping[str, Sequence[Published]],
) -> Chart | None:
    """The pictures of the overview's rows; `published` results by protocol. None where no model ranks."""
    found = [(track, row) for track, group in rows.items() for row in group]
    shown = {
        (one, axis): dots(found, one, axis, published.get(one.name, ())) for one in series for axis in AXES
    }
    pictures = {
        f"{one.name} {axis.name}": picture(every, axis, WIDE, one)
        for (one, axis), every in shown.items()
        if any(dot.x for dot in every)
    }
    if not pictures:
        return None
    drawn = {key for one in pictures.values() for key in one.marks}
    points = tuple(point for point in _points(found, published) if point.key in drawn)
    having = [name.split() for name in pictures]
    return Chart(
        series={one.name: one.title for one in series if one.name in {name for name, _ in having}},
        axes=tuple(axis for axis in AXES if axis.name in {name for _, name in having}),
        points=points,
        pictures=pictures,
        first=next(iter(pictures)),
        kinds=tuple(dict.fromkeys(point.kind for point in points)),
    )


def series(board: Board) -> list[Series]:
    """The overall score, then the protocols that rank."""
    ranking = rows_module.ranking_tables(board)
    chances = [ranking[name].chance for name in board.overall.protocols]
    overall = Series(OVERALL, "Overall", sum(chances) / max(len(chances), 1))
    return [overall, *(Series(name, table.title, table.chance) for name, table in ranking.items())]


def counted(
    rows: Mapping[Track, Sequence[Row]],
    series: Sequence[Series],
    published: Mapping[str, Sequence[Published]],
) -> dict[str, list[Dot]]:
    """What is drawn of each protocol against multiply-adds."""
    found = [(track, row) for track, group in rows.items() for row in group]
    every = {
        one.name: dots(found, one, AXES[0], published.get(one.name, ()))
        for one in series
        if one.name != OVERALL
    }
    return {name: shown for name, shown in every.items() if shown}


def dots(
    found: Sequence[tuple[Track, Row]], series: Series, axis: Axis, published: Sequence[Published]
) -> list[Dot]:
    """What one picture shows, the best first; without models that are no better than chance."""
    every = [dot for track, row in found if (dot := _dot(track, row, series.name, axis))]
    better = [dot for dot in every if not series.guesses(dot.uar)]
    better.sort(key=lambda dot: (-dot.uar, dot.key))
    claims = [_claimed(row, published) for row in published if row.macs] if axis.name == "macs" else []
    return [*better, *claims]


def _score(row: Row, series: str) -> tuple[float, float, float, bool] | None:
    """UAR, ends of the whisker, and whether it is an interval; the overall score has no whisker."""
    if series == OVERALL:
        return (row.standing.uar, row.standing.uar, row.standing.uar, False) if row.standing else None
    entry = row.entries.get(series)
    return (entry.uar, *_whisker(entry)) if entry and not entry.unranked else None


def _whisker(entry: Entry) -> tuple[float, float, bool]:
    """The interval where there is one, else the range of the speakers."""
    speakers = [uar for uar in entry.speaker_uars.values() if not math.isnan(uar)]
    low, high = entry.interval or (min(speakers, default=entry.uar), max(speakers, default=entry.uar))
    return low, high, entry.interval is not None


def _dot(track: Track, row: Row, series: str, axis: Axis) -> Dot | None:
    if not (score := _score(row, series)):
        return None
    uar, low, high, interval = score
    return Dot(
        key=row.model.name,
        name=row.model.name,
        kind="pretrained" if track == "pretrained" else "scratch",
        uar=uar,
        low=low,
        high=high,
        interval=interval,
        x=axis.value(row, series),
        aside=row.latency if axis.name == "macs" else None,
    )


def _claimed(row: Published, published: Sequence[Published]) -> Dot:
    uar, name = row.percent / 100, _claim_name(row, published)
    return Dot(key=row.key, name=name, kind="published", uar=uar, low=uar, high=uar, x=row.macs)


def _claim_name(row: Published, published: Sequence[Published]) -> str:
    """The model's, with the source where several publish it under the same folds."""
    alike = [one for one in published if one.model == row.model]
    return f"{row.model} ({re.split('[ /]', row.source)[0]})" if len(alike) > 1 else row.model


def _points(
    found: Sequence[tuple[Track, Row]], published: Mapping[str, Sequence[Published]]
) -> Iterator[Point]:
    for track, row in found:
        kind: Kind = "pretrained" if track == "pretrained" else "scratch"
        yield Point(key=row.model.name, name=row.model.name, kind=kind, row=row)
    for claim, name in {c: _claim_name(c, group) for group in published.values() for c in group}.items():
        yield Point(key=claim.key, name=name, kind="published", claim=claim)


def moves(chart: Chart, key: str) -> list[list[object] | None]:
    """What the overview's script needs to move a point, in the order of the pictures; None: not in it.

    UAR in words, x, y, ends of the whisker and its kind, where the name begins, and where its line ends.
    """
    return [_move(one.marks.get(key)) for one in chart.pictures.values()]


def _move(mark: Mark | None) -> list[object] | None:
    if not mark:
        return None
    name = (mark.name.x, mark.name.y, *(mark.name.lead or ())) if mark.name else ()
    numbers = (mark.x, mark.y, mark.low, mark.high, int(mark.interval), *name)
    return [filters.percent(mark.uar), *(int(n) if n == int(n) else n for n in numbers)]


def fronts(chart: Chart) -> list[str]:
    """Likewise, the Pareto front of each picture."""
    return [one.front for one in chart.pictures.values()]


def keys(chart: Chart) -> list[list[str]]:
    """Likewise, what the legend of each picture explains."""
    kind_of = {point.key: point.kind for point in chart.points}
    return [sorted(kinds(one, kind_of)) for one in chart.pictures.values()]


FILTERS = {function.__name__: function for function in (moves, fronts, keys)}
