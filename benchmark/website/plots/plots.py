"""All figures by name, and how one is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from benchmark.website.plots import calibration, confusion, corpus, cost, difference, ladder, search, style
from benchmark.website.plots.material import Material

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PLOTS: dict[str, Callable[[Material], Figure]] = {
    "cost": cost.draw,
    "corpus": corpus.draw,
    "confusion": confusion.draw,
    "calibration": calibration.draw,
    "difference": difference.draw,
    "ladder": ladder.draw,
    "search": search.draw,
}


def make(name: str, material: Material, form: str) -> bytes:
    """A figure as a file of this format; the same records give the same bytes."""
    with style.styled():
        return style.encode(PLOTS[name](material), form)
