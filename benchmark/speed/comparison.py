"""Two ways to do the same work, timed in turn in one process."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmark.models.plugins import Plugin

MOST = 30  # rounds, each of both sides
BUDGET = 3.0  # seconds after which no further round begins: the longer a side takes, the fewer are needed

Side = Callable[[], object]


@dataclass(frozen=True)
class Row:
    """What one thing took, in the comparison's unit."""

    subject: str  # a model's name, an executor's, or what was done
    ours: float
    other: float

    @property
    def ratio(self) -> float:
        """How many times as long the other way takes."""
        return self.other / self.ours


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The two ways, in words, and what times them for those of these models that have both, on a device."""

    name: str
    ours: str
    other: str
    rows: Callable[[Sequence[Plugin], str], Iterator[Row]]
    unit: str = "s"  # by default of the processor, or where a GPU works, of the clock
    default: bool = True  # whether it is done where none is named; others take minutes


def in_turn(ours: Side, other: Side, *, device: str) -> tuple[float, float]:
    """Seconds that each side takes: medians of rounds, after one that warms up."""
    sides, rounds = (ours, other), list[list[float]]()
    for side in sides:
        side()
    started = time.perf_counter()
    while not rounds or (len(rounds) < MOST and time.perf_counter() - started < BUDGET):
        rounds.append([_seconds(side, device) for side in sides])
    first, second = map(statistics.median, zip(*rounds, strict=True))
    return first, second


def _seconds(side: Side, device: str) -> float:
    """A processor's own time, which others on this machine change little; a GPU is waited for."""
    if not device.startswith("cuda"):
        started = time.process_time()
        side()
        return time.process_time() - started
    import torch

    torch.cuda.synchronize(device)
    started = time.perf_counter()
    side()
    torch.cuda.synchronize(device)
    return time.perf_counter() - started
