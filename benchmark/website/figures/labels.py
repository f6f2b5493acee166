"""Names at the points of a picture, so that none covers another, a mark or a line.

Each name takes the cheapest of its places given where the others are: those that touch its point, then
rings around it, from which a line leads back. The important ones choose first; then all choose again until
none moves. What still covers something is left out. There is no chance in it: same points, same places.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]  # left, top, right, bottom

RADIUS = 6.0  # of a mark
RINGS, DIRECTIONS = (20.0, 32.0, 46.0, 64.0, 88.0, 116.0, 148.0), 16
NEAR = ((9, 0, 0), (-9, 0, 1.5), (8, -10, 1), (8, 10, 1), (-8, -10, 2), (-8, 10, 2), (0, -15, 2), (0, 15, 2))
REACH = 1.25 * RINGS[-1] + 160  # beyond which nothing matters to a name: the last ring, and a name's width
SWEEPS = 8
# What it costs: a square unit of a covered name, mark or text; each whisker or step of the front behind a
# name; a leading line across a name or a mark; a name that stands nearer to another point than to its own;
# two names one above the other, and their points the other way round.
NAME, MARK, LINE, CROSSED, STRAY, TURNED = 2.0, 1.2, 20.0, 25.0, 7.0, 40.0
# Widths of glyphs in DejaVu Sans, the widest font that a browser is likely to take, in parts of its size.
WIDTHS = {**dict.fromkeys("iljt.,'|:I ", 0.36), **dict.fromkeys("fr-()", 0.42), **dict.fromkeys("mwMW", 0.95)}


@dataclass(frozen=True)
class Wanted:
    """A name at a point; `inside`: the box that it stays in, where that is not all names'."""

    key: str
    text: str
    x: float
    y: float
    inside: Box | None = None


@dataclass(frozen=True)
class Placed:
    """Where a name begins, on its baseline, and where the line from its point ends, if it has one."""

    x: float
    y: float
    lead: tuple[float, float] | None


@dataclass(frozen=True)
class Surroundings:
    """What names stand among: the box that they stay in, all marks, texts, and lines as thin boxes."""

    inside: Box
    marks: Sequence[tuple[float, float]]
    texts: Sequence[Box] = ()
    lines: Sequence[Box] = ()


def width(text: str, size: float) -> float:
    """About how wide a bold text of a font size is."""
    return 1.09 * size * sum(WIDTHS.get(sign, 0.68 if sign.isupper() else 0.625) for sign in text)


def place(
    wanted: Sequence[Wanted], around: Surroundings, *, size: float, reach: float = RINGS[-1]
) -> dict[str, Placed]:
    """The places of names by their keys, the most important first; those without room are left out.

    `reach`: the last ring around a point that its name may stand on.
    """
    rings = [ring for ring in RINGS if ring <= reach]
    choices = [_Choices.of(one, around, size, rings) for one in wanted]
    at: dict[int, int] = {}  # name -> its choice
    for _ in range(SWEEPS):
        before = dict(at)
        for number, own in enumerate(choices):
            others = [(choices[other], choice) for other, choice in at.items() if other != number]
            at[number] = int(np.argmin((own.cost + own.beside(others)).round(4)))
        if at == before:
            break
    return {
        wanted[number].key: choices[number].placed(choice, size)
        for number, choice in at.items()
        if choices[number].free(choice, [(choices[o], at[o]) for o in range(number)])
    }


@dataclass(frozen=True)
class _Choices:
    """The places that a name could take."""

    boxes: np.ndarray  # (places, 4)
    leads: np.ndarray  # (places, points, 2): points on the line that leads to each, nan without one
    cost: np.ndarray  # (places,), whatever the other names do
    covered: np.ndarray  # (places,): whether it covers a text or leaves the box
    y: float  # of its point

    @classmethod
    def of(cls, one: Wanted, around: Surroundings, size: float, rings: Sequence[float]) -> _Choices:
        boxes, leads, cost = _candidates(one, size, rings)
        near = [m for m in around.marks if m != (one.x, one.y) and math.dist(m, (one.x, one.y)) < REACH]
        others = np.array(near or [(-1e6, -1e6)], dtype=float)
        marks = np.concatenate([others - RADIUS, others + RADIUS], axis=1)
        texts = _boxes(around.texts)
        lines = _boxes([line for line in around.lines if line[0] - REACH < one.x < line[2] + REACH])
        left, top, right, bottom = one.inside or around.inside
        out = (boxes[:, 0] < left) | (boxes[:, 1] < top) | (boxes[:, 2] > right) | (boxes[:, 3] > bottom)
        covered = out | (_overlap(boxes, texts) > 0).any(axis=1)
        gap, own = _distance(boxes, others), _distance(boxes, np.array([(one.x, one.y)]))
        cost = cost + MARK * _overlap(boxes, marks).sum(axis=1) + 1e4 * covered
        cost += LINE * (_overlap(boxes, lines) > 0).sum(axis=1)
        cost += STRAY * ((gap < 16) & (gap < own)).sum(axis=1)
        cost += CROSSED / 2 * _crossed(leads, marks).sum(axis=1)
        return cls(boxes, leads, cost, covered, one.y)

    def beside(self, others: Sequence[tuple[_Choices, int]]) -> np.ndarray:
        """What each place costs more where the other names stand: (places,)."""
        if not others:
            return np.zeros(len(self.boxes))
        boxes = np.array([one.boxes[choice] for one, choice in others])
        points = np.concatenate([one.leads[choice] for one, choice in others])  # of their lines
        across = (
            (points[:, 0] > self.boxes[:, :1]) & (points[:, 0] < self.boxes[:, 2:3])
            & (points[:, 1] > self.boxes[:, 1:2]) & (points[:, 1] < self.boxes[:, 3:])
        )  # fmt: skip
        overlap = _overlap(self.boxes, boxes, apart=3)
        crossed = _crossed(self.leads, boxes).sum(axis=1)
        turned = self._turned(boxes, np.array([one.y for one, _ in others]))
        return np.asarray(NAME * overlap.sum(axis=1) + CROSSED * (crossed + across.any(axis=1)) + turned)

    def _turned(self, boxes: np.ndarray, ys: np.ndarray) -> np.ndarray:
        """For each place the price of names above it or below that belong on its other side: (places,)."""
        beside = (self.boxes[:, :1] < boxes[:, 2]) & (self.boxes[:, 2:3] > boxes[:, 0])
        near = np.abs(self.boxes[:, 1:2] - boxes[:, 1]) < 3 * (boxes[:, 3] - boxes[:, 1])
        other_way = (self.boxes[:, 1:2] - boxes[:, 1]) * (self.y - ys) < 0
        return np.asarray(TURNED * (beside & near & other_way).sum(axis=1))

    def free(self, choice: int, others: Sequence[tuple[_Choices, int]]) -> bool:
        """Whether a place covers no text and none of the more important names."""
        boxes = _boxes([one.boxes[other] for one, other in others])
        return not self.covered[choice] and not (_overlap(self.boxes[[choice]], boxes) > 0).any()

    def placed(self, choice: int, size: float) -> Placed:
        left, _, _, bottom = self.boxes[choice].tolist()
        x, y = self.leads[choice, -1].round(1).tolist()
        return Placed(round(left, 1), round(bottom - 0.27 * size, 1), None if math.isnan(x) else (x, y))


def _candidates(
    one: Wanted, size: float, rings: Sequence[float]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes, points on their lines, and what each costs alone: near ones first, then ring after ring."""
    wide, high = width(one.text, size), 1.05 * size
    boxes, leads, cost = [], [], []
    for dx, dy, price in NEAR:
        left = one.x + dx - (wide if dx < 0 else wide / 2 if dx == 0 else 0)
        boxes.append((left, one.y + dy - high / 2, left + wide, one.y + dy + high / 2))
        leads.append((math.nan, math.nan))
        cost.append(float(price))
    for ring in rings:
        for turn in range(DIRECTIONS):
            angle = 2 * math.pi * turn / DIRECTIONS
            x, y = one.x + 1.25 * ring * math.cos(angle), one.y + ring * math.sin(angle)
            right = math.cos(angle) > -1e-9
            left = x if right else x - wide
            boxes.append((left, y - high / 2, left + wide, y + high / 2))
            leads.append((x - 2 if right else x + 2, y))
            cost.append(4 + 0.1 * ring)
    ends, steps = np.array(leads), np.linspace(0, 1, 9)[:, None]
    start = np.array([one.x, one.y])
    return np.array(boxes), start + steps * (ends[:, None] - start), np.array(cost)


def _boxes(given: Sequence[Box] | Sequence[np.ndarray]) -> np.ndarray:
    """(boxes, 4): one far away where there are none."""
    return np.array([*given] or [(-1e6,) * 4], dtype=float)


def _overlap(boxes: np.ndarray, others: np.ndarray, apart: float = 0) -> np.ndarray:
    """The area that each box shares with each of others, which are as much larger: (boxes, others)."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.clip(high - low + apart, 0, None).prod(axis=2))


def _distance(boxes: np.ndarray, points: np.ndarray) -> np.ndarray:
    """From each box to each point: (boxes, points)."""
    out = np.maximum(boxes[:, None, :2] - points, points - boxes[:, None, 2:]).clip(0, None)
    return np.asarray(np.hypot(out[..., 0], out[..., 1]))


def _crossed(leads: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Whether each line goes through each box: (lines, boxes)."""
    points = leads[:, :, None]  # (lines, points, 1, 2)
    inside = np.logical_and(points > boxes[:, :2], points < boxes[:, 2:])
    return np.asarray(np.any(np.all(inside, axis=3), axis=1))
