"""Worker processes of one thread each: on a CPU that beats threads, and sums come out in one order."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

Task = TypeVar("Task")

ONE_THREAD = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
PAUSE = 0.5  # seconds until a source that has nothing to do is asked again


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool(size: int) -> ProcessPoolExecutor:
    """A pool of `size` fresh interpreters: nothing is inherited, so a result cannot depend on the parent."""
    for name in ONE_THREAD:  # libraries read these when they load, which in a worker is after this
        os.environ[name] = "1"
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # without it cuBLAS is not repeatable
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(size, mp_context=spawn, initializer=_end_with_parent)


def run(
    function: Callable[[Task], None], tasks: Iterator[Task | None], *, size: int
) -> Iterator[tuple[Task, BaseException | None]]:
    """Run `function(task)` for each task in `size` workers; yield each with its error, or None, as it ends.

    `tasks` is asked for one whenever a worker is free; None from it means "nothing now, ask again".
    A worker that dies (out of memory, say) breaks the pool: what ran beside it is run again, one at a time,
    and only a task whose worker dies while it is alone comes back with the BrokenProcessPool error.
    """
    running: dict[Future[None], Task] = {}
    suspects: list[Task] = []  # the first stays here while it runs alone
    more = True
    executor = pool(size)

    def start(task: Task) -> None:
        nonlocal executor
        try:
            future = executor.submit(_tried, function, task)
        except BrokenProcessPool:  # a worker has died since we last looked
            executor.shutdown()
            executor = pool(size)
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
                executor = pool(size)
                done = set(running)
            for future in done:
                task, error = running.pop(future), future.exception()
                if isinstance(error, BrokenProcessPool) and not alone:
                    suspects.append(task)
                    continue
                suspects = [suspect for suspect in suspects if suspect is not task]
                yield task, error
    finally:
        _stop(executor)


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


def _stop(executor: ProcessPoolExecutor) -> None:
    """End the workers at once, whatever they are doing."""
    processes = list((executor._processes or {}).values())
    executor.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()


def _end_with_parent() -> None:
    """A worker whose parent was killed would otherwise wait for work for ever; Ctrl-C is the parent's."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
