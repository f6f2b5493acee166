"""Shows how far the fits of a run are, by the files that they leave, whatever executor does them."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import Progress

from benchmark.cli.console import people
from benchmark.cli.progress_bar import time_left
from benchmark.execution import workload
from benchmark.execution.jobs import Job
from benchmark.execution.workload import Done

OFTEN, SELDOM = 2.0, 60.0  # seconds from one look to the next, on a terminal and elsewhere
REST = 20  # times as long as a look takes is at least between two


@contextmanager
def shown(bars: Progress, todo: Sequence[Job]) -> Iterator[None]:
    """While the block runs: bars of all fits at most and of all trials; off a terminal a line a minute."""
    if not todo:
        yield
        return
    asked = [workload.of(job, fold) for job in todo for fold in job.folds]
    most = Done(sum(one.fits for one in asked), (), sum(one.trials for one in asked))
    ended, started = threading.Event(), time.monotonic()
    fits = bars.add_task("fits", total=most.fits)
    trials = bars.add_task("trials", total=most.trials, visible=most.trials > 0)

    def watch() -> None:
        begun = workload.look(todo)
        rest = max(REST * (time.monotonic() - started), OFTEN if people.is_terminal else SELDOM)
        while not ended.wait(rest):
            done = workload.look(todo)
            bars.update(fits, completed=done.fits, description=f"fits{_going(done)}")
            bars.update(trials, completed=min(done.trials, most.trials))
            if not people.is_terminal:
                people.print(_line(begun, done, most, time.monotonic() - started))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _line(begun: Done, done: Done, most: Done, seconds: float) -> str:
    """How far fits and trials are, and how long the rest takes; trials that are cut short make it less."""
    trials = f", {min(done.trials, most.trials)} of {most.trials} trials" if most.trials else ""
    left = time_left(done.fits - begun.fits, most.fits - done.fits, seconds)
    return f"{done.fits} of at most {most.fits} fits{trials}{_going(done)}{left}"


def _going(done: Done) -> str:
    return f", {len(done.epochs)} under way at epoch {max(done.epochs)}" if done.epochs else ""
