"""One picture of accuracy against cost: where every mark and every name goes. SVG coordinates, y points down.

A point without a value on the axis stands in a strip of its own, right of the plot: where operations cannot
be counted, by its measured time.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from benchmark.website import filters
from benchmark.website.figures import labels, scale
from benchmark.website.figures.labels import Box, Placed, Surroundings, Wanted
from benchmark.website.figures.scale import Scale
from benchmark.website.rows import Row

Kind = Literal["scratch", "pretrained", "published"]
MOST = 40  # points that are named
REACH = 90.0  # of a name from its point
GUESSING = 0.02  # UAR above chance below which a model is not drawn


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The size of a picture, and what of it is the plot."""

    width: float
    height: float
    left: float
    right: float  # of the plot, or of its strip
    top: float
    bottom: float
    strip: float = 0.0  # how wide the strip is, where there is one
    gap: float = 44.0  # before it
    font: float = 12.5


WIDE = Frame(width=1240, height=540, left=44, right=1228, top=62, bottom=488, strip=250)


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One cost of a model; `value` is of a row in a series, None where it is not known."""

    name: str
    title: str  # in the choice of axes
    label: str
    value: Callable[[Row, str], float | None]
    word: Callable[[float], str]
    rounds: tuple[float, ...] = scale.ROUND  # values to mark
    limits: tuple[float, ...] = ()  # below which the best is named


class Series(NamedTuple):
    """The overall score, or a protocol that ranks."""

    name: str
    title: str
    chance: float  # UAR of guessing

    def guesses(self, uar: float) -> bool:
        """Whether a model is no better than chance; it would stretch the axis, and is left out."""
        return uar < self.chance + GUESSING


@dataclass(frozen=True, kw_only=True)
class Dot:
    """A model or a published result in one series, on one axis."""

    key: str
    name: str
    kind: Kind
    uar: float
    low: float  # ends of its whisker
    high: float
    interval: bool = False  # whether that is a 95 % interval; else the range of the speakers
    x: float | None = None  # on the axis
    aside: float | None = None  # in the strip: milliseconds, where its operations are not counted

    @property
    def text(self) -> str:
        return f"{self.name} {filters.percent(self.uar)}"


class Text(NamedTuple):
    """Words of a picture; `kind` is their class."""

    x: float
    y: float
    anchor: str
    words: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A point of a picture, its whisker and its name."""

    uar: float
    x: float
    y: float
    low: float
    high: float
    interval: bool
    name: Placed | None


@dataclass(frozen=True, kw_only=True)
class Picture:
    """All that a template draws of one series and axis."""

    grid: str  # an SVG path
    limits: str
    front: str  # the Pareto front
    leaders: tuple[str, ...]  # who is on it, from cheap to dear
    texts: tuple[Text, ...]
    marks: Mapping[str, Mark]  # by point


def picture(found: Sequence[Dot], axis: Axis, frame: Frame, series: Series) -> Picture:
    """Where everything goes; at least one dot has a value on the axis."""
    placed = [dot for dot in found if dot.x is not None]
    aside = [dot for dot in found if dot.x is None]
    end = frame.right - (frame.strip + frame.gap if aside else 0)
    values = [*axis.limits, *(d.x for d in placed if d.x)]
    across = scale.logarithmic(values, frame.left, end, rounds=axis.rounds)
    up = scale.shares([v for d in found for v in (d.low, d.high)], frame.bottom, frame.top)
    xs = {d.key: across.at(d.x) for d in placed if d.x} | strip(aside, frame)
    leaders = front(placed)
    steps = [(xs[dot.key], up.at(dot.uar)) for dot in leaders]
    limits = _limits(placed, axis, across, frame)
    around_plot = (*_texts(axis, across, up, frame, series.title), _chance(series, up, frame, end))
    texts = [*around_plot, *limits, *_strip_texts(aside, axis, frame)]
    around = Surroundings(
        inside=(frame.left, frame.top - 6, frame.width, frame.bottom - 2),
        marks=[(xs[dot.key], up.at(dot.uar)) for dot in found],
        texts=[_box(text, frame.font) for text in texts],
        lines=[*thin(steps, end), *_whiskers(found, xs, up)],
    )
    wanted = [
        Wanted(d.key, d.text, xs[d.key], up.at(d.uar), _beside(d, frame, end) if aside else None)
        for d in _by_importance(found, leaders)
    ]
    names = labels.place(wanted, around, size=frame.font, reach=REACH)
    return Picture(
        grid=grid(across, up, frame, aside=bool(aside)),
        limits=_lines(axis, across, up, frame, series),
        front=path(steps, end),
        leaders=tuple(dot.key for dot in leaders),
        texts=tuple(texts),
        marks={d.key: _mark(d, xs[d.key], up, names.get(d.key)) for d in found},
    )


def _beside(dot: Dot, frame: Frame, end: float) -> Box:
    """The box of a dot's name: the plot, or the strip beside it."""
    left, right = (frame.left, end) if dot.x else (frame.right - frame.strip, frame.width)
    return left, frame.top - 6, right, frame.bottom - 2


def _mark(dot: Dot, x: float, up: Scale, name: Placed | None) -> Mark:
    return Mark(
        uar=dot.uar,
        x=x,
        y=up.at(dot.uar),
        low=up.at(dot.low),
        high=up.at(dot.high),
        interval=dot.interval,
        name=name,
    )


def _by_importance(found: Sequence[Dot], front: Sequence[Dot]) -> list[Dot]:
    """The best, the front, what is published, the others; at most so many."""
    published = [dot for dot in found if dot.kind == "published"]
    return list(dict.fromkeys([found[0], *front, *published, *found]))[:MOST]


def front(placed: Sequence[Dot]) -> list[Dot]:
    """Models of ours that no other beats at no more cost, from cheap to dear."""
    front: list[Dot] = []
    ours = [dot for dot in placed if dot.kind != "published"]
    for dot in sorted(ours, key=lambda d: (d.x or 0, -d.uar, d.key)):
        if not front or dot.uar > front[-1].uar:
            front.append(dot)
    return front


def path(steps: Sequence[tuple[float, float]], end: float) -> str:
    """Steps: what so much buys at best."""
    if not steps:
        return ""
    (x, y), *others = steps
    return f"M{x} {y}" + "".join(f"H{x}V{y}" for x, y in others) + f"H{end}"


def thin(steps: Sequence[tuple[float, float]], end: float) -> Iterator[Box]:
    """The front's lines as boxes."""
    for (x, y), (to, higher) in zip(steps, [*steps[1:], (end, math.nan)], strict=False):
        yield x, y - 1, to, y + 1
        if not math.isnan(higher):
            yield to - 1, higher, to + 1, y


def _whiskers(found: Sequence[Dot], xs: Mapping[str, float], up: Scale) -> Iterator[Box]:
    for dot in found:
        if dot.low < dot.high:
            x = xs[dot.key]
            yield x - 1, up.at(dot.high), x + 1, up.at(dot.low)


# Around the plot


def kinds(one: Picture, kind_of: Mapping[str, Kind]) -> set[str]:
    """What its legend explains: the kinds of its points, and of its whiskers if it has any."""
    whiskers = any(mark.low != mark.high for mark in one.marks.values())
    front = {"front"} if one.front else set()
    return {kind_of[key] for key in one.marks} | front | ({"whisker"} if whiskers else set())


def grid(across: Scale, up: Scale, frame: Frame, *, aside: bool) -> str:
    lines = "".join(f"M{across.at(x)} {frame.top}V{frame.bottom}" for x in across.marks)
    for uar in up.marks:
        lines += f"M{frame.left} {up.at(uar)}H{across.end:g}"
        lines += f"M{frame.right - frame.strip} {up.at(uar)}H{frame.right}" if aside else ""
    return lines


def _texts(axis: Axis, across: Scale, up: Scale, frame: Frame, title: str) -> Iterator[Text]:
    """The values that are marked, and what both axes are."""
    drop = frame.font * 0.34
    yield from (Text(frame.left - 6, round(up.at(y) + drop, 1), "end", f"{100 * y:.0f}") for y in up.marks)
    below = frame.bottom + 1.35 * frame.font
    for word, x in ((axis.word(x), across.at(x)) for x in across.marks):
        inside = min(x, frame.width - labels.width(word, frame.font) / 2)  # all of the word in the picture
        yield Text(round(inside, 1), round(below, 1), "middle", word)
    middle = round((across.start + across.end) / 2, 1)
    yield Text(middle, round(frame.bottom + 2.9 * frame.font, 1), "middle", axis.label, "axis-name")
    yield Text(6, 18, "start", f"UAR, % · {title}", "axis-name")


def _chance(series: Series, up: Scale, frame: Frame, end: float) -> Text:
    """What guessing gets: at its line, or that it lies below."""
    words = f"chance {filters.percent(series.chance)}"
    if series.chance < up.low:
        return Text(end - 4, frame.bottom - 5, "end", f"↓ {words}, below this axis")
    return Text(end - 4, up.at(series.chance) - 4, "end", words)


def _lines(axis: Axis, across: Scale, up: Scale, frame: Frame, series: Series) -> str:
    """Of the limits, and of chance."""
    limits = "".join(f"M{across.at(at)} {frame.top - 8}V{frame.bottom}" for at in _shown(axis, across))
    inside = series.chance >= up.low
    return limits + (f"M{frame.left} {up.at(series.chance)}H{across.end:g}" if inside else "")


def _shown(axis: Axis, across: Scale) -> list[float]:
    return [limit for limit in axis.limits if across.low < limit < across.high]


def _limits(placed: Sequence[Dot], axis: Axis, across: Scale, frame: Frame) -> Iterator[Text]:
    """Above the plot, at each limit: the best model below it."""
    for number, limit in enumerate(_shown(axis, across)):
        below = [dot for dot in placed if dot.x and dot.x <= limit and dot.kind != "published"]
        if below:
            best = max(below, key=lambda dot: dot.uar)
            words = f"best below {axis.word(limit)}: {best.text}"
            x = min(across.at(limit) - 4, frame.right - labels.width(words, frame.font))
            yield Text(round(x, 1), frame.top - 12 - 16 * number, "start", words, "best")


def strip(aside: Sequence[Dot], frame: Frame) -> dict[str, float]:
    """Where those without a value stand: by their time where all have one, else evenly apart."""
    left, right = frame.right - frame.strip + 12, frame.right - 12
    times = [dot.aside for dot in aside if dot.aside]
    if times and len(times) == len(aside):
        by_time = scale.logarithmic(times, left, right)
        return {dot.key: by_time.at(dot.aside) for dot in aside if dot.aside}
    part = (right - left) / max(len(aside), 1)
    return {dot.key: round(left + part * (n + 0.5), 1) for n, dot in enumerate(aside)}


def _strip_texts(aside: Sequence[Dot], axis: Axis, frame: Frame) -> Iterator[Text]:
    if not aside:
        return
    times = [dot.aside for dot in aside if dot.aside]
    left, right = frame.right - frame.strip + 12, frame.right - 12
    middle, below = (left + right) / 2, frame.bottom + 1.35 * frame.font
    if len(times) == len(aside):
        by_time = scale.logarithmic(times, left, right)
        yield from (Text(by_time.at(t), below, "middle", f"{t:g}") for t in by_time.marks)
        yield Text(
            middle, frame.bottom + 2.9 * frame.font, "middle", "measured time, ms, log scale", "axis-name"
        )
        words = "operations not counted"
    else:
        words = "not counted" if axis.name == "macs" else "not measured"
    yield Text(middle, frame.top - 12, "middle", words, "axis-name")


def _box(text: Text, font: float) -> Box:
    wide = labels.width(text.words, font)
    left = text.x - {"start": 0.0, "middle": wide / 2, "end": wide}[text.anchor]
    return left, text.y - font, left + wide, text.y + 0.3 * font
