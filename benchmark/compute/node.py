"""What runs on a node of a cluster: one Dask process, whose threads watch slots as a laptop's do.

Dask brings tasks, and notices nodes that are gone. A node is asked for its facts, in a fresh process, before
it does tasks of a run: where one differs from the run's own, its results would be another run's.
"""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeVar

from benchmark.compute import local_processes
from benchmark.compute.slots import LOOK, Slot, Slots
from protocols.errors import ClusterError, UnheardError

Task = TypeVar("Task")
Result = TypeVar("Result")
CODE = "the project's code"  # among the facts; worker processes are forked from one that has loaded it
SHORT = 16  # characters of a fact in words; some are digests
GOING = ("running", "paused")  # states of a node that does its tasks
PATIENCE = 60  # seconds until a scheduler must be found


@dataclass(frozen=True)
class Badge:
    """What a node must have in common with a run. Plain data."""

    run: str  # its name, no other run's
    look: Callable[[Any], Mapping[str, str]]  # of `about`: facts by name, or an UnheardError: what lacks
    about: Hashable
    facts: tuple[tuple[str, str], ...]
    preload: tuple[str, ...] = ()  # modules that its worker processes need


@dataclass
class _Here:
    """This process, as a node."""

    gpus: Sequence[str] = ()
    code: str = ""  # when it was first looked at
    why: str = ""  # it was refused
    runs: set[str] = field(default_factory=set)  # whose tasks it does


_here = _Here()


def serve(address: str, *, slots: int, gpus: Sequence[str] = ()) -> str:
    """Be a node of the cluster whose scheduler is there until that ends; why it was refused, or "".

    ClusterError where there is no scheduler.
    """
    import asyncio  # which few runs need

    from distributed import Worker

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    _here.gpus = gpus

    async def live() -> None:
        name = f"{socket.gethostname()}-{os.getpid()}"
        async with Worker(
            address, nthreads=slots, name=name, memory_limit=0, death_timeout=PATIENCE, dashboard=False
        ) as worker:
            await worker.finished()

    try:
        asyncio.run(live())
    except (OSError, TimeoutError, ValueError) as error:
        raise unreachable(address) from error
    finally:
        _slots(slots).end()
    return _here.why


def unreachable(address: str) -> ClusterError:
    """ClusterError for an address where no scheduler answers."""
    return ClusterError(f"{address}: no Dask scheduler answers. Start one with `dask scheduler`.")


def present(badge: Badge) -> tuple[str, int]:
    """Why this node may not take part in a run, or ""; and how many slots it has."""
    from distributed import get_worker

    why = _unfit(badge)
    if why:
        _here.why = why
    else:
        _here.runs.add(badge.run)
    return why, get_worker().state.nthreads


def call(function: Callable[[Task], Result], task: Task, run: str) -> Result:
    """Do a task in a slot, as long as it is wanted; an error for people names this node."""
    from distributed import Reschedule, get_worker

    worker = get_worker()
    key = worker.get_current_task()
    if run not in _here.runs:  # it has just come, or is being refused: the task is another node's
        time.sleep(LOOK)
        raise Reschedule

    def wanted() -> bool:
        known = worker.state.tasks.get(key)
        return known is not None and known.state == "executing" and worker.status.name in GOING

    try:
        return _slots(worker.state.nthreads).call(function, task, wanted=wanted)
    except UnheardError as error:
        raise type(error)(f"on {worker.name}: {error}") from error


@cache
def _slots(size: int) -> Slots:
    return Slots(size, anew=True, gpus=_here.gpus)


def _unfit(badge: Badge) -> str:
    """Which part of this node differs from the run's, and how; "" where none does."""
    local_processes.preload(badge.preload)
    slot = Slot(anew=True)
    try:
        found = slot.call(badge.look, badge.about)
    except UnheardError as error:
        return str(error)
    finally:
        slot.end()
    _here.code = _here.code or found.get(CODE, "")
    if found.get(CODE, "") != _here.code:
        return f"{CODE} was changed since this node began. Start it again."
    for name, wanted in badge.facts:
        if found.get(name, "") != wanted:
            here, there = (text[:SHORT] or "not there" for text in (found.get(name, ""), wanted))
            return f"{name} is {here}, the run's is {there}."
    return ""
