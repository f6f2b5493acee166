"""The corpora side by side: accuracy against multiply-adds, small, all on the same scales."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmark.website.figures import labels, picture, scale
from benchmark.website.figures.axes import AXES
from benchmark.website.figures.labels import Placed, Surroundings, Wanted
from benchmark.website.figures.picture import Dot, Frame, Kind, Text
from benchmark.website.figures.scale import Scale

SMALL = Frame(width=400, height=250, left=26, right=394, top=8, bottom=226, strip=54, gap=24, font=10.5)
MOST = 9  # points that are named
REACH = 46.0  # of a name from its point
APART = 13.0  # marks that both have a name; on the front twice as far


@dataclass(frozen=True, kw_only=True)
class Panel:
    """All that a template draws of one protocol."""

    protocol: str
    grid: str
    front: str
    texts: tuple[Text, ...]
    dots: Mapping[Kind, tuple[tuple[float, float], ...]]  # by kind
    names: tuple[tuple[Dot, Placed, tuple[float, float]], ...]  # of whom, where, and where its point is


def panels(by_protocol: Mapping[str, Sequence[Dot]]) -> tuple[Panel, ...]:
    """A panel for each protocol under which a model ranks; () where no operations are counted at all."""
    everything = [dot for dots in by_protocol.values() for dot in dots]
    values = [dot.x for dot in everything if dot.x]
    if not values:
        return ()
    end = SMALL.right - SMALL.strip - SMALL.gap
    across = scale.logarithmic(values, SMALL.left, end)
    up = scale.shares([dot.uar for dot in everything], SMALL.bottom, SMALL.top)
    return tuple(_panel(name, dots, across, up) for name, dots in by_protocol.items())


def _panel(protocol: str, dots: Sequence[Dot], across: Scale, up: Scale) -> Panel:
    aside = picture.strip([dot for dot in dots if dot.x is None], SMALL)
    at = {d.key: (across.at(d.x) if d.x else aside[d.key], up.at(d.uar)) for d in dots}
    front = picture.front([dot for dot in dots if dot.x])
    steps = [at[dot.key] for dot in front]
    texts = list(_texts(across, up, aside=bool(aside)))
    around = Surroundings(
        inside=(SMALL.left, SMALL.top - 4, SMALL.width, SMALL.bottom - 2),
        marks=[*at.values()],
        lines=[*picture.thin(steps, across.end)],
    )
    named = _named(dots, front, at)[:MOST]
    plot = (SMALL.left, SMALL.top - 4, SMALL.right - SMALL.strip, SMALL.bottom - 2)
    wanted = [Wanted(dot.key, dot.text, *at[dot.key], plot if dot.x else None) for dot in named]
    places = labels.place(wanted, around, size=SMALL.font, reach=REACH)
    return Panel(
        protocol=protocol,
        grid=picture.grid(across, up, SMALL, aside=bool(aside)),
        front=picture.path(steps, across.end),
        texts=tuple(texts),
        dots={kind: tuple(at[d.key] for d in dots if d.kind == kind) for kind in _kinds(dots)},
        names=tuple((dot, places[dot.key], at[dot.key]) for dot in named if dot.key in places),
    )


def _named(dots: Sequence[Dot], front: Sequence[Dot], at: Mapping[str, tuple[float, float]]) -> list[Dot]:
    """The best of each kind; what is published and the front, where they stand apart from those named."""
    found = _best(dots)
    published = (dot for dot in dots if dot.kind == "published")
    for dot, apart in [*((dot, APART) for dot in published), *((dot, 2 * APART) for dot in front)]:
        if all(math.dist(at[dot.key], at[other.key]) >= apart for other in found):
            found.append(dot)
    return found


def _kinds(dots: Sequence[Dot]) -> tuple[Kind, ...]:
    return tuple(dict.fromkeys(dot.kind for dot in dots))


def _best(dots: Sequence[Dot]) -> list[Dot]:
    """The best of each kind; dots come with the best first."""
    return [max((d for d in dots if d.kind == kind), key=lambda d: d.uar) for kind in _kinds(dots)]


def _texts(across: Scale, up: Scale, *, aside: bool) -> Iterator[Text]:
    yield from (Text(SMALL.left - 4, round(up.at(y) + 3.5, 1), "end", f"{100 * y:.0f}") for y in up.marks)
    below = SMALL.bottom + 14
    yield from (Text(across.at(x), below, "middle", AXES[0].word(x)) for x in across.marks)
    if aside:
        yield Text(SMALL.width, below, "end", "not counted")
