"""A picture of a time course: the labels' probabilities, one upon the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.storage import files
from benchmark.website.plots import style

if TYPE_CHECKING:
    from benchmark.execution.prediction import Prediction

COLOURS = (*style.COLOURS[1:], "#F0E442")  # an area in black would outweigh the others


def check(path: Path) -> None:
    """UnheardError where no picture could be made there, before anything is computed."""
    style.ending(path)
    with style.styled():
        pass


def write(prediction: Prediction, title: str, path: Path) -> None:
    """Draw a recording's windows; where they overlap, each is drawn at its middle."""
    course = prediction.course
    middles = [(each.start + each.end) / 2 for each in course]
    names = list(prediction.probabilities)
    shares = [[each.probabilities[name] for each in course] for name in names]
    if len(course) == 1:  # an area needs two ends
        middles, shares = [course[0].start, course[0].end], [share * 2 for share in shares]
    with style.styled():
        figure, [axes] = style.axes(2.4)
        axes.set(title=title, xlabel="middle of the window, s", ylabel="probability", ylim=(0, 1))
        axes.set_prop_cycle(color=COLOURS)
        axes.stackplot(middles, shares, labels=names)
        axes.margins(x=0)
        figure.legend(loc="outside right upper", reverse=True)
        files.write(path, style.encode(figure, style.ending(path)))
