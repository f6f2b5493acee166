"""All figures by name, and how one is made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.website.plots import calibration, confusion, corpus, cost, difference, ladder, search, style
from benchmark.website.plots.material import Material
from protocols.errors import UnheardError

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


def ending(out: Path) -> str:
    """The format that a file's name asks for; UnheardError for another than there are."""
    found = out.suffix[1:].lower()
    if found not in style.FORMATS:
        raise UnheardError(f"{out}: name a file that ends in .{', .'.join(style.FORMATS)}.")
    return found


def make(name: str, material: Material, form: str) -> bytes:
    """A figure as a file of this format; the same records give the same bytes."""
    with style.styled():
        return style.encode(PLOTS[name](material), form)
