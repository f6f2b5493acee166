"""What knowing the speaker or the text adds to a model's UAR, by how well the model recognises it.

A point is a model on a corpus; a corpus's points have one colour, and its name stands at one of them.
Coordinates are SVG's, y points down. How well the speaker is recognised goes from chance, left, to always, so
that corpora with few and with many speakers stand on one axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.website.figures import labels
from benchmark.website.figures.labels import Placed, Surroundings, Wanted
from benchmark.website.rungs import Ladder

LEFT, RIGHT, TOP, BOTTOM = 44.0, 404.0, 26.0, 226.0
WIDTH, FONT = 440.0, 12.0
FEWEST = 3  # corpora, below which a picture of all shows nothing


@dataclass(frozen=True)
class Point:
    """One model on one corpus."""

    corpus: str  # title
    look: int  # the corpus's place: its colour
    model: str
    recognised: float  # 0: as chance has it; 1: always
    gain: float
    x: float
    y: float


@dataclass(frozen=True)
class Gains:
    """All that a template draws."""

    what: str
    points: tuple[Point, ...]
    names: tuple[tuple[Point, Placed], ...]  # of corpora, each at one of its points
    across: tuple[tuple[float, int], ...]  # x, percent of the way from chance to always
    up: tuple[tuple[float, int], ...]  # y, points


def gains(ladders: Sequence[Ladder], what: str) -> Gains | None:
    """The picture for "speaker" or "text"; None where too few corpora have a model with both numbers."""
    found = [(look, *each) for look, ladder in enumerate(ladders) for each in _of(ladder, what)]
    if len({look for look, *_ in found}) < FEWEST:
        return None
    low = min(0, math.floor(10 * min(gain for *_, gain in found)))
    high = max(1, math.ceil(10 * max(gain for *_, gain in found)))

    def down(gain: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (10 * gain - low) / (high - low), 1)

    points = tuple(
        Point(corpus, look, model, share, gain, _across(share), down(gain))
        for look, corpus, model, share, gain in found
    )
    return Gains(
        what=what,
        points=points,
        names=_names(points),
        across=tuple((_across(at / 100), at) for at in range(0, 101, 25)),
        up=tuple((down(tenth / 10), 10 * tenth) for tenth in range(low, high + 1)),
    )


def _across(share: float) -> float:
    return round(LEFT + (RIGHT - LEFT) * max(share, 0), 1)


def _names(points: Sequence[Point]) -> tuple[tuple[Point, Placed], ...]:
    """Each corpus at the point that adds most."""
    best = {one.corpus: one for one in sorted(points, key=lambda one: one.gain)}
    around = Surroundings(inside=(LEFT, 2, WIDTH, BOTTOM), marks=[(one.x, one.y) for one in points])
    wanted = [Wanted(corpus, corpus, one.x, one.y) for corpus, one in best.items()]
    placed = labels.place(wanted, around, size=FONT)
    return tuple((best[corpus], at) for corpus, at in placed.items())


def _of(ladder: Ladder, what: str) -> list[tuple[str, str, float, float]]:
    """Corpus, model, how well it recognises the speaker or the text, and what knowing it adds."""
    [learnt] = [one for one in ladder.learnt if one.what == what]
    chance = learnt.chance or 0.0
    return [
        (ladder.title, model, (run.score - chance) / (1 - chance), gain)
        for model, run in learnt.models.items()
        if run and (gain := ladder.gain(model, learnt.unseen)) is not None
    ]
