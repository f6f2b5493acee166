"""The confusion matrix of one model by one protocol, each row in percent of the acted emotion's clips."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmark.website.plots import style
from benchmark.website.plots.material import Material

if TYPE_CHECKING:
    from matplotlib.figure import Figure

DARK = 0.5  # share from which a number is white


def draw(of: Material) -> Figure:
    """Light is rare, dark is often: in grey too."""
    table = of.table()
    entry = of.entry(table)
    counts = np.array(entry.matrix)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    places = range(len(table.labels))
    figure, [ax] = style.axes(3.4, width=3.6)
    ax.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i in places:
        for j in places:
            colour = "white" if shares[i, j] > DARK else "black"
            ax.text(j, i, f"{100 * shares[i, j]:.0f}", ha="center", va="center", color=colour)
    ax.set_xticks(places, table.labels, rotation=45, ha="right")
    ax.set_yticks(places, table.labels)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set(
        xlabel="predicted", ylabel="acted", title=style.title(f"{of.title(entry.model)}, {table.title}, %")
    )
    return figure
