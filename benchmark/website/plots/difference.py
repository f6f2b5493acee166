"""Two models: the difference of their UARs by each protocol, with its interval and every speaker."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.ranking import comparison
from benchmark.website.plots import style
from benchmark.website.plots.material import Material
from protocols.errors import UnheardError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(of: Material) -> Figure:
    """A row a protocol; above zero the first model is better. Hollow: the two do not both rank there."""
    if len(of.models) != 2:
        raise UnheardError("difference: it is of two models. Name both: --model A B.")
    first, second = of.models
    [found] = comparison.compare(of.board, [(first, second)])
    named = [on for on in found.tables if on.shown and of.protocol in ("", on.table.protocol)][::-1]
    if not named:
        raise UnheardError(f"{first}, {second}: by no protocol do both have results for the same clips.")
    figure, [ax] = style.axes(0.7 + 0.3 * len(named))
    ax.axvline(0, color=style.GREY, linewidth=0.8)
    for row, on in enumerate(named):
        if not (shown := on.shown):
            continue
        speakers = [100 * uar for uar in shown.speakers.values()]
        ax.plot(speakers, [row] * len(speakers), "o", color="#bbbbbb", markersize=2.5, zorder=1)
        if shown.interval:
            ax.plot([100 * end for end in shown.interval], [row, row], color="black", linewidth=1, zorder=2)
        fill = "black" if on.difference else "white"
        ax.plot(100 * shown.uar, row, "D", color="black", markerfacecolor=fill, zorder=3)
    ax.set_yticks(range(len(named)), [on.table.title for on in named])
    ax.set_ylim(-0.6, len(named) - 0.4)
    ax.grid(axis="x")
    ax.set_xlabel(f"UAR of {of.title(first)}\nless that of {of.title(second)}, points; grey: speakers")
    return figure
