"""Accuracy against cost: UAR by MACs, overall or by one protocol, and the Pareto front."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from benchmark.website import rows
from benchmark.website.plots import style
from benchmark.website.plots.material import Material
from protocols.errors import UnheardError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZE = 3.6  # inches, height


class Point(NamedTuple):
    """One model."""

    model: str
    macs: int
    uar: float  # percent
    pretrained: bool


def draw(of: Material) -> Figure:
    """Each point is named at the right; those that only their author counted are left out."""
    points, axis = _points(of)
    if not points:
        raise UnheardError(
            "cost: no ranked model has counted MACs there. Name another --protocol or --board."
        )
    figure, [ax] = style.axes(SIZE)
    for point in points:
        fill = "white" if point.pretrained else "black"
        ax.plot(point.macs, point.uar, "o", color="black", markerfacecolor=fill)
    front = _front(points)
    ax.step([p.macs for p in front], [p.uar for p in front], where="post", color=style.GREY, zorder=0)
    ax.set_xscale("log")
    decades = np.log10([points[0].macs, points[-1].macs])
    ax.set_xlim(10 ** np.floor(decades[0]), 10 ** np.floor(decades[1] + 1))
    ax.grid()
    ax.set_xlabel("multiply-adds (MACs) of 3 s of speech, front end included")
    ax.set_ylabel(f"{axis}, %")
    low, high = ax.get_ylim()
    heights = style.apart([p.uar for p in points], (high - low) / 24)
    for point, height in zip(points, heights, strict=True):
        ax.annotate(
            of.title(point.model) + " (pretrained)" * point.pretrained,
            (point.macs, point.uar),
            xytext=(1.03, height),
            textcoords=ax.get_yaxis_transform(),
            va="center",
            fontsize=6.5,
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": "#cccccc", "linewidth": 0.4, "shrinkB": 3},
        )
    return figure


def _points(of: Material) -> tuple[list[Point], str]:
    """From cheap to dear, and what the axis is."""
    by_track = rows.rows(of.board)
    every = [(row, track == "pretrained") for track, group in by_track.items() for row in group]
    if of.protocol or not of.board.overall.standings:
        table = of.table()
        uars, axis = {e.model: e.uar for e in table.ranked}, f"UAR on {table.title}"
    else:
        uars = {s.model: s.uar for s in of.board.overall.standings}
        axis = f"Mean UAR over {len(of.board.overall.protocols)} corpora"
    found = [
        Point(row.model.name, total, 100 * uars[row.model.name], pretrained)
        for row, pretrained in every
        if row.model.name in uars and row.cost and row.cost.by != "declared"
        if (total := row.cost.official.total) and (not of.models or row.model.name in of.models)
    ]
    return sorted(found, key=lambda p: (p.macs, -p.uar, p.model)), axis


def _front(points: list[Point]) -> list[Point]:
    """Those that no other beats at no more MACs."""
    front: list[Point] = []
    for point in points:
        if not front or point.uar > front[-1].uar:
            front.append(point)
    return front
