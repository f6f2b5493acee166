"""What an executor takes for a task that does nothing, against a plain pool of one process: task by task."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from importlib.util import find_spec

from benchmark.compute import cluster, executor, local_processes
from benchmark.compute.node import Badge
from benchmark.compute.slots import Local
from benchmark.models.plugins import Plugin
from benchmark.speed.comparison import Comparison, Row

TASKS, ROUNDS = [0] * 20, 5  # seconds that each sleeps


def rows(_plugins: Sequence[Plugin], _device: str) -> Iterator[Row]:
    """One slot, whose process stays or is each task's own, and a node of a cluster on this machine."""
    with Local(1) as slot, local_processes.pool(1) as pool:
        yield _row("a slot", slot, pool)
    with local_processes.pool(1, anew=True) as pool:
        with Local(1, anew=True) as slot:
            yield _row("a slot, a process a task", slot, pool)
        if find_spec("distributed"):
            with cluster.opened(f"{cluster.OWN}1", Badge("speed", _facts, None, ()), _ignore) as node:
                while not node.size:
                    time.sleep(executor.PAUSE)
                yield _row("a node, a process a task", node, pool)


COMPARISON = Comparison(name="executors", ours="a task", other="a task of a process pool", rows=rows)


def _row(subject: str, ours: Executor, pool: ProcessPoolExecutor) -> Row:
    def driven() -> None:
        for _, error in executor.drive(ours, time.sleep, iter(TASKS), size=lambda: 1):
            assert error is None

    def plain() -> None:
        for task in TASKS:
            pool.submit(time.sleep, task).result()

    for side in (driven, plain):
        side()  # which warms up
    rounds = [[_seconds(side) for side in (driven, plain)] for _ in range(ROUNDS)]
    first, second = map(statistics.median, zip(*rounds, strict=True))
    return Row(subject, first, second)


def _seconds(side: Callable[[], None]) -> float:
    """Of the clock, a task."""
    started = time.perf_counter()
    side()
    return (time.perf_counter() - started) / len(TASKS)


def _facts(_about: object) -> Mapping[str, str]:
    return {}


def _ignore(_node: cluster.Node) -> None:
    """Nodes come and go."""
