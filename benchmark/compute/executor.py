"""Runs tasks in worker processes, and survives those that die."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from benchmark.compute import local_processes

Task = TypeVar("Task")
PAUSE = 0.5  # seconds until a source that has nothing to do is asked again


def run(
    function: Callable[[Task], None], tasks: Iterator[Task | None], *, size: int, anew: bool = False
) -> Iterator[tuple[Task, BaseException | None]]:
    """Run `function(task)` for each task in `size` workers; yield each with its error, or None, as it ends.

    `anew`: each in a worker of its own, which ends with it.
    `tasks` is asked for one whenever a worker is free; None from it means "nothing now, ask again".
    A worker that dies (out of memory, say) breaks the pool: what ran beside it is run again, one at a time,
    and only a task whose worker dies while it is alone comes back with the BrokenProcessPool error.
    """
    running: dict[Future[None], Task] = {}
    suspects: list[Task] = []  # the first stays here while it runs alone
    more = True
    executor = local_processes.pool(size, anew=anew)

    def start(task: Task) -> None:
        nonlocal executor
        try:
            future = executor.submit(_tried, function, task)
        except BrokenProcessPool:  # a worker has died since we last looked
            executor.shutdown()
            executor = local_processes.pool(size, anew=anew)
            future = executor.submit(_tried, function, task)
        running[future] = task

    try:
        while more or running or suspects:
            while more and not suspects and len(running) < size:
                try:
                    task = next(tasks)
                except StopIteration:
                    more = False
                    break
                if task is None:
                    break
                start(task)
            if suspects and not running:
                start(suspects[0])
            if not running:
                time.sleep(PAUSE if more else 0)
                continue
            alone = len(running) == 1
            done, _ = wait(running, timeout=PAUSE, return_when=FIRST_COMPLETED)
            broken = any(isinstance(future.exception(), BrokenProcessPool) for future in done)
            if broken:
                executor.shutdown()
                executor = local_processes.pool(size, anew=anew)
                done = set(running)
            for future in done:
                task, error = running.pop(future), future.exception()
                if isinstance(error, BrokenProcessPool) and not alone:
                    suspects.append(task)
                    continue
                suspects = [suspect for suspect in suspects if suspect is not task]
                yield task, error
    finally:
        local_processes.stop(executor)


def _tried(function: Callable[[Task], None], task: Task) -> None:
    """In the worker: an error that does not survive the way to the parent would pass for a death."""
    try:
        function(task)
    except Exception as error:
        try:
            pickle.loads(pickle.dumps(error))  # what the pool is about to do, here and in the parent
        except Exception:  # whatever a class's own code raises
            raise RuntimeError(f"{type(error).__name__}: {error}") from error
        raise
