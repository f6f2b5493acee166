"""What knowing the speaker or the text adds to a model's UAR, by how well the model recognises it.

A point is a model on a corpus, drawn as the corpus's number. Coordinates are SVG's, y points down. How well
the speaker is recognised goes from chance, left, to always, so that corpora with few and with many speakers
stand on one axis.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from benchmark.website.rungs import Ladder

LEFT, RIGHT, TOP, BOTTOM = 36.0, 316.0, 8.0, 188.0


@dataclass(frozen=True)
class Point:
    """One model on one corpus."""

    corpus: str  # title
    model: str
    recognised: float  # 0: as chance has it; 1: always
    gain: float
    x: float
    y: float


@dataclass(frozen=True)
class Gains:
    """All that a template draws."""

    what: str
    corpora: tuple[str, ...]  # titles, in the order of their numbers
    points: tuple[Point, ...]
    ticks: tuple[tuple[float, float], ...]  # y, gain


def gains(ladders: Sequence[Ladder], what: str) -> Gains | None:
    """The picture for "speaker" or "text"; None where no model has both numbers on any corpus."""
    found = [each for ladder in ladders for each in _of(ladder, what)]
    if not found:
        return None
    low = min(0, math.floor(10 * min(gain for *_, gain in found))) / 10
    high = max(1, math.ceil(10 * max(gain for *_, gain in found))) / 10

    def down(gain: float) -> float:
        return round(BOTTOM - (BOTTOM - TOP) * (gain - low) / (high - low), 1)

    points = tuple(
        Point(corpus, model, share, gain, round(LEFT + (RIGHT - LEFT) * max(share, 0), 1), down(gain))
        for corpus, model, share, gain in found
    )
    corpora = tuple(ladder.title for ladder in ladders)
    return Gains(what, corpora, points, tuple((down(at), at) for at in sorted({low, 0, high})))


def _of(ladder: Ladder, what: str) -> list[tuple[str, str, float, float]]:
    """Corpus, model, how well it recognises the speaker or the text, and what knowing it adds."""
    [learnt] = [one for one in ladder.learnt if one.what == what]
    chance = learnt.chance or 0.0
    return [
        (ladder.title, model, (run.score - chance) / (1 - chance), gain)
        for model, run in learnt.models.items()
        if run and (gain := ladder.gain(model, learnt.unseen)) is not None
    ]
