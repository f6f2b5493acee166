"""What a search buys: the validation UAR to expect of the best of so many trials, a line a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmark.ranking import search_curves
from benchmark.website.plots import style
from benchmark.website.plots.material import Material
from protocols.errors import UnheardError

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(of: Material) -> Figure:
    """By one protocol."""
    table = of.table()
    curves = search_curves.by_protocol(of.records).get(table.protocol, {})
    shown = {model: one for model, one in curves.items() if not of.models or model in of.models}
    if not shown:
        raise UnheardError(
            f"search: none of two trials or more by {table.protocol}. Name others with --model."
        )
    figure, [ax] = style.axes(3.2)
    for number, (model, curve) in enumerate(shown.items()):
        trials = range(1, len(curve.expected) + 1)
        uars = [100 * uar for uar in curve.expected]
        ax.plot(trials, uars, label=of.title(model), markersize=3, **_thin(number))
    ax.grid()
    ax.set(xlabel="trials", ylabel=f"expected validation UAR on {table.title}, %")
    ax.xaxis.get_major_locator().set_params(integer=True)
    figure.legend(loc="outside right upper")
    return figure


def _thin(number: int) -> dict[str, object]:
    return {**style.look(number), "markevery": 4}
