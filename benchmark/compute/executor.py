"""Does tasks by an executor, whichever it is, and survives worker processes that die."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from benchmark.compute.slots import Local
from protocols.errors import UnheardError

Task = TypeVar("Task")
Ended = Generator[tuple[Task, BaseException | None], None, None]  # tasks, as they end, each with its error
PAUSE = 0.5  # seconds until a source that has nothing to do is asked again


def run(
    function: Callable[[Task], None],
    tasks: Iterator[Task | None],
    *,
    size: int,
    anew: bool = False,
    gpus: Sequence[str] = (),
) -> Ended[Task]:
    """`drive` in `size` worker processes on this machine.

    `anew`: each task in one of its own. `gpus`: each process sees one of these, in turn.
    """
    with Local(size, anew=anew, gpus=gpus) as executor:
        yield from drive(executor, function, tasks, size=lambda: size)


def drive(
    executor: Executor,
    function: Callable[[Task], None],
    tasks: Iterator[Task | None],
    *,
    size: Callable[[], int],
) -> Ended[Task]:
    """Do `function(task)` for each task, `size` at a time; yield each with its error, or None, as it ends.

    `tasks` is asked for one whenever there is room; None from it means "nothing now, ask again".
    A task whose worker process died (out of memory, say) is tried once more, alone, when nothing else can be
    done; if it dies again it comes back with the BrokenProcessPool error.
    """
    running: dict[Future[Any], Task] = {}
    died: list[Task] = []
    more, alone = True, False
    while more or running or died:
        free = 0 if alone else size() - len(running)
        found, more = _next(tasks, free) if more else ([], False)
        if died and free > 0 and not running and not found:
            found, alone = [died.pop(0)], True
        running |= {executor.submit(function, task): task for task in found}
        if not running:
            time.sleep(PAUSE if more else 0)
            continue
        for future in wait(running, timeout=PAUSE, return_when=FIRST_COMPLETED).done:
            task, error = running.pop(future), future.exception()
            if isinstance(error, BrokenProcessPool) and not alone:
                died.append(task)
                continue
            alone = False
            yield task, error


def _next(tasks: Iterator[Task | None], most: int) -> tuple[list[Task], bool]:
    """So many tasks, or as many as there are now; and whether there may be more."""
    found: list[Task] = []
    while len(found) < most:
        try:
            task = next(tasks)
        except StopIteration:
            return found, False
        if task is None:
            break
        found.append(task)
    return found, True


def error_text(error: BaseException) -> str:
    """What went wrong in a worker, for people."""
    if isinstance(error, BrokenProcessPool):
        return "its worker process died (out of memory?)"
    if isinstance(error, UnheardError) or type(error).__module__.startswith("distributed."):
        return str(error)  # Dask's is of a fold on which several nodes have died, one after another
    trace = "".join(traceback.format_exception(error))
    return f"{type(error).__name__}: {error}\n{trace}"
