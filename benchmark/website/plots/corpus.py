"""One protocol: each model's UAR with its interval, or the range of its speakers, and every speaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.ranking.cells import Entry
from benchmark.website.plots import style
from benchmark.website.plots.material import Material

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(of: Material) -> Figure:
    """A row a model, the best on top."""
    table = of.table()
    entries = of.entries(table)[::-1]
    figure, [ax] = style.axes(0.6 + 0.22 * len(entries))
    ax.axvline(100 * table.chance, color=style.GREY, linestyle=":", linewidth=0.8)
    for row, entry in enumerate(entries):
        speakers = [100 * uar for uar in entry.speaker_uars.values() if uar == uar]
        ax.plot(speakers, [row] * len(speakers), "o", color="#bbbbbb", markersize=2.5, zorder=1)
        low, high = ends(entry)
        solid = "-" if entry.interval else ":"
        ax.plot([100 * low, 100 * high], [row, row], solid, color="black", linewidth=1, zorder=2)
        ax.plot(100 * entry.uar, row, "D", color="black", zorder=3)
    ax.set_yticks(range(len(entries)), [of.title(entry.model) for entry in entries])
    ax.grid(axis="x")
    ax.set_xlabel(f"UAR on {table.title}, %\ngrey: speakers; dotted: chance")
    return figure


def ends(entry: Entry) -> tuple[float, float]:
    """The interval, or where there is none the lowest and the highest speaker."""
    speakers = [uar for uar in entry.speaker_uars.values() if uar == uar] or [entry.uar]
    return entry.interval or (min(speakers), max(speakers))
