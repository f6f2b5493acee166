"""Axes of pictures: where values lie, and round numbers to mark. SVG coordinates, y points down."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

ROUND = tuple(m * 10.0**e for e in range(-3, 15) for m in (1, 2, 5))
ROOM = 44.0  # between marks on a logarithmic axis
STEPS = (0.05, 0.1, 0.2)  # of a UAR


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` on coordinates from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False
    rounds: tuple[float, ...] = ROUND  # values that a logarithmic axis may mark

    def at(self, value: float) -> float:
        """Where a value lies, to a tenth."""
        of: Callable[[float], float] = math.log10 if self.log else float
        share = (of(value) - of(self.low)) / (of(self.high) - of(self.low))
        return round(self.start + (self.end - self.start) * share, 1)

    @cached_property
    def marks(self) -> tuple[float, ...]:
        """The values to mark."""
        if not self.log:
            step = next((s for s in STEPS if self.high - self.low <= 8 * s + 1e-9), STEPS[-1])
            first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
            return tuple(round(step * n, 2) for n in range(first, last + 1))
        inside = [one for one in self.rounds if self.low * 0.999 <= one <= self.high * 1.001]
        kept: list[float] = []
        for one in sorted(inside, key=lambda one: (round(math.log10(one), 6) % 1 != 0, one)):
            if all(abs(self.at(one) - self.at(other)) >= ROOM for other in kept):
                kept.append(one)  # powers of ten first, then what fits between
        return tuple(sorted(kept))


def logarithmic(
    values: Sequence[float], start: float, end: float, *, rounds: tuple[float, ...] = ROUND
) -> Scale:
    """From a round number below all values to one above; they are positive."""
    low = max(one for one in ROUND if one <= min(values) / 1.12 or one == ROUND[0])
    high = min(one for one in ROUND if one >= max(values) * 1.12 or one == ROUND[-1])
    return Scale(low, high, start, end, log=True, rounds=rounds)


def shares(values: Sequence[float], start: float, end: float) -> Scale:
    """Of shares in [0, 1]: the steps of 5 % that hold them all."""
    low = max(0.0, math.floor(min(values) * 20 - 0.1) / 20)
    high = min(1.0, math.ceil(max(values) * 20 + 0.1) / 20)
    return Scale(low, high, start, end)
