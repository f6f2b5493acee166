"""How figures look (also in grey, and to the colour-blind), and how they become files: the same bytes."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from protocols.errors import UnheardError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

FORMATS = ("pdf", "svg", "png")
WIDTH = 6.3  # inches, of a page's text; half of it a column's
# M. Okabe and K. Ito, Color universal design, 2008; grey for its yellow, which is faint on paper.
COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#777777")
MARKERS = "osD^vP*X"  # beside the colour, which grey lacks
DASHES = ("-", "--", "-.", ":")
GREY = "#777777"
RC: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib, so that it is the same everywhere
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.6,
    "axes.axisbelow": True,
    "grid.linewidth": 0.4,
    "grid.color": "#dddddd",
    "legend.frameon": False,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "pdf.fonttype": 42,  # TrueType, embedded
    "svg.fonttype": "path",
    "svg.hashsalt": "unheard",
    "savefig.dpi": 300,
}
# What would differ from one writing to the next.
METADATA: dict[str, dict[str, Any]] = {
    "pdf": {"CreationDate": None},
    "svg": {"Date": None},
    "png": {"Software": None},
}


@contextmanager
def styled() -> Iterator[None]:
    """Figures made inside look so; UnheardError without matplotlib."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise UnheardError("a picture needs matplotlib: pip install 'unheard[plots]'") from error
    with mpl.rc_context(RC):
        yield


def axes(
    height: float, *, columns: int = 1, width: float = WIDTH, **options: Any
) -> tuple[Figure, list[Any]]:
    """A figure of so many inches, with axes side by side."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, list(figure.subplots(1, columns, squeeze=False, **options)[0])


def ending(out: Path) -> str:
    """The format that a file's name asks for; UnheardError for another than there are."""
    found = out.suffix[1:].lower()
    if found not in FORMATS:
        raise UnheardError(f"{out}: name a file that ends in .{', .'.join(FORMATS)}.")
    return found


def encode(figure: Figure, ending: str) -> bytes:
    """The figure as a file of one of FORMATS: the same figure, the same bytes."""
    data = io.BytesIO()
    figure.savefig(data, format=ending, metadata=METADATA[ending])
    return data.getvalue()


def look(number: int) -> dict[str, Any]:
    """Colour, marker and dashes of the model of this number, from 0."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": MARKERS[number % len(MARKERS)],
        "linestyle": DASHES[(number // len(COLOURS)) % len(DASHES)],
    }


def title(text: str) -> str:
    """On as many lines as a narrow figure takes."""
    return textwrap.fill(text, 44)


def apart(heights: Sequence[float], least: float) -> list[float]:
    """Heights of labels, each moved up as far as it must so that none is nearer than `least` to another."""
    found = dict[int, float]()
    below = -float("inf")
    for number in sorted(range(len(heights)), key=lambda i: heights[i]):
        below = found[number] = max(heights[number], below + least)
    return [found[number] for number in range(len(heights))]
