"""Shows people how a run goes: live bars on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from benchmark.cli.console import people
from benchmark.execution.jobs import Job
from benchmark.execution.scheduler import Event, Listen


@contextmanager
def running(jobs: Sequence[Job]) -> Iterator[Listen]:
    """A listener for `engine.run`: a bar over all folds with an estimate, a line for each finished job."""
    total = sum(len(job.folds) for job in jobs)
    done: dict[str, int] = {}
    started = time.monotonic()
    with _bars() as bars:
        task = bars.add_task("folds", total=total)

        def listen(event: Event) -> None:
            name = event.job.name
            if event.kind == "elsewhere":
                people.print(f"{name} is in the hands of another run; waiting for it")
                return
            done[name] = event.done
            folds = sum(done.values())
            bars.update(task, completed=folds, description=name)
            if event.kind == "finished":
                minutes = (time.monotonic() - started) / 60
                people.print(f"{folds:5d} of {total} folds, {minutes:5.1f} min: {name} is done")
            elif event.kind == "failed":
                people.print(f"{name} failed: {event.detail}", style="red", markup=False)
            elif event.kind == "started" and event.done:
                people.print(f"{name}: goes on after {event.done} finished folds")

        yield listen


def _bars() -> Progress:
    return Progress(
        TextColumn("{task.description:40}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=people,
        disable=not people.is_terminal,
    )
