"""A picture of a time course by matplotlib (extra `plots`): the labels' probabilities, one upon the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from protocols.errors import UnheardError

if TYPE_CHECKING:
    from benchmark.execution.prediction import Prediction

KINDS = (".png", ".svg", ".pdf")
# Okabe and Ito (2008), which people with any colour vision tell apart; the eighth is grey in place of black.
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#999999")
# The same picture has the same bytes: neither a date nor random names in the file.
STILL = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": {}}


def check(path: Path) -> None:
    """UnheardError where no picture could be made there, before anything is computed."""
    if path.suffix not in KINDS:
        raise UnheardError(f"--picture {path}: its name ends with none of {', '.join(KINDS)}.")
    if not path.parent.is_dir():
        raise UnheardError(f"--picture {path}: there is no folder {path.parent}. Make it first.")
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise UnheardError("--picture needs matplotlib: pip install 'unheard[plots]'") from error


def write(prediction: Prediction, title: str, path: Path) -> None:
    """Draw a recording's windows; where they overlap, each is drawn at its middle."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    course = prediction.course
    with mpl.rc_context({"svg.hashsalt": "unheard", "svg.fonttype": "none"}):
        figure = Figure(figsize=(8, 3), layout="constrained")
        axes = figure.add_subplot(
            title=title, xlabel="middle of the window, s", ylabel="probability", ylim=(0, 1)
        )
        middles = [(each.start + each.end) / 2 for each in course]
        names = list(prediction.probabilities)
        shares = [[each.probabilities[name] for each in course] for name in names]
        if len(course) == 1:  # an area needs two ends
            middles, shares = [course[0].start, course[0].end], [share * 2 for share in shares]
        axes.set_prop_cycle(color=COLOURS)
        axes.stackplot(middles, shares, labels=names)
        axes.margins(x=0)
        figure.legend(loc="outside right upper", reverse=True, frameon=False)
        figure.savefig(path, dpi=150, metadata=STILL[path.suffix])
