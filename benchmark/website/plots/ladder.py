"""The ladder of one corpus: the UAR of each model from rung to rung."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.website import rungs
from benchmark.website.plots import style
from benchmark.website.plots.material import Material
from protocols.errors import UnheardError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(of: Material) -> Figure:
    """A line a model; the corpus is that of the protocol that is named."""
    climbed = rungs.climbed(of.board)
    named = of.table().corpora if of.protocol else tuple(climbed[:1])
    if len(named) != 1 or named[0] not in climbed:
        there = (
            f"There are some of {', '.join(climbed)}: name one's --protocol."
            if climbed
            else "Run --suite leakage."
        )
        raise UnheardError(f"ladder: no results on its rungs. {there}")
    ladder = rungs.of(named[0], of.board, of.known)
    figure, [ax] = style.axes(3.2)
    models = [model for model in ladder.models if not of.models or model in of.models]
    for number, model in enumerate(models):
        aside = 0.05 * (number - (len(models) - 1) / 2)
        runs = {i + aside: run for i, run in enumerate(ladder.models[model]) if run}
        controls = [i + aside for i, rung in enumerate(ladder.rungs) if rung.control]
        look = style.look(number)
        for place, run in runs.items():
            ax.plot([place] * 2, [100 * run.low, 100 * run.high], color=look["color"], linewidth=0.6)
        joined = [place for place in runs if place not in controls]
        ax.plot(joined, [100 * runs[place].score for place in joined], label=of.title(model), **look)
        beside = [place for place in runs if place in controls]
        ax.plot(beside, [100 * runs[place].score for place in beside], **{**look, "linestyle": ""})
    ax.axhline(100 * ladder.chance, color=style.GREY, linestyle=":", linewidth=0.8)
    ax.set_xticks(range(len(ladder.rungs)), [rung.title.replace(" ", "\n", 1) for rung in ladder.rungs])
    ax.grid(axis="y")
    ax.set_ylabel(f"UAR on {ladder.title}, %; dotted: chance")
    figure.legend(loc="outside right upper")
    return figure
