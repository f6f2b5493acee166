"""Shows how far the fits of a run are, by the files that they leave, whatever executor does them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import Progress

from benchmark.cli.console import people
from benchmark.execution import workload
from benchmark.execution.jobs import Job
from benchmark.execution.workload import Done

OFTEN, SELDOM = 2.0, 60.0  # seconds from one look to the next, on a terminal and elsewhere
REST = 20  # times as long as a look takes is at least between two


@contextmanager
def shown(bars: Progress, todo: Sequence[Job]) -> Iterator[None]:
    """While the block runs: a bar of all fits at most; off a terminal a line a minute."""
    ended, total = threading.Event(), sum(workload.of(job, fold).fits for job in todo for fold in job.folds)
    if not todo:
        yield
        return
    bar, started = bars.add_task("fits", total=total), time.monotonic()

    def watch() -> None:
        begun = workload.look(todo)
        rest = max(REST * (time.monotonic() - started), OFTEN if people.is_terminal else SELDOM)
        while not ended.wait(rest):
            done = workload.look(todo)
            bars.update(bar, completed=done.fits, description=f"fits{_going(done)}")
            if not people.is_terminal:
                left = _left(done.fits - begun.fits, total - done.fits, time.monotonic() - started)
                people.print(f"{done.fits} of at most {total} fits{_going(done)}{left}")

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _going(done: Done) -> str:
    return f", {len(done.epochs)} under way at epoch {max(done.epochs)}" if done.epochs else ""


def _left(done: int, left: int, seconds: float) -> str:
    """In words, at the speed so far; trials that are cut short make it less."""
    return f"; about {seconds / done * left / 60:.0f} min are left" if done > 0 else ""
