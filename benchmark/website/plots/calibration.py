"""The reliability diagram of one model by one protocol: of so sure predictions, how many are right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.ranking import cells
from benchmark.website.pages.model_details import details
from benchmark.website.plots import style
from benchmark.website.plots.material import Material
from protocols.errors import UnheardError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from benchmark.scores.calibration import Reliability


def draw(of: Material) -> Figure:
    """Bars: the share that is right; short lines: the mean probability; below: how many."""
    table = of.table()
    entry = of.entry(table)
    records = [r for r in of.records if r.protocol.name == table.protocol and r.model.name == entry.model]
    population = of.known.population(table.protocol, table.corpora)
    found = details(table, entry, cells.gather(records), population, of.predictions_of).calibration
    if not found:
        raise UnheardError(f"{entry.model}: its predictions by {table.protocol} are not at hand.")
    return _figure(found, f"{of.title(entry.model)}, {table.title}")


def _figure(found: Reliability, title: str) -> Figure:
    figure, [ax] = style.axes(3.2, width=3.4)
    ax.plot([0, 100], [0, 100], ":", color=style.GREY, linewidth=0.8)
    for one in (one for one in found.bins if one.count):
        low, high = 100 * one.low, 100 * one.high
        ax.bar(
            low,
            100 * one.accuracy,
            high - low,
            align="edge",
            color="#56B4E9",
            edgecolor="black",
            linewidth=0.5,
        )
        ax.plot([low, high], [100 * one.confidence] * 2, color="black", linewidth=1.6)
        ax.text((low + high) / 2, 1, str(one.count), ha="center", va="bottom", fontsize=5.5)
    ax.set(xlim=(0, 100), ylim=(0, 100), xlabel="probability of the predicted emotion, %", ylabel="right, %")
    ax.set_title(style.title(title) + f"\nexpected calibration error {100 * found.error:.1f} %")
    return figure
