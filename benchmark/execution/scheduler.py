"""Runs jobs, a fold at a time, in worker processes.

A finished trial, fold and record is on disk before the next begins. A model's other seeds wait for seed 0's
record, which tells whether they refit its winners or search anew, and a student waits for its teacher's.
Two runs may share a results folder: a job that another run holds is left to it. The engine prints nothing: it
reports to a listener.
"""

from __future__ import annotations

import contextlib
import shutil
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Literal

from filelock import Timeout

from benchmark.compute import executor
from benchmark.execution import assembly, fold, jobs
from benchmark.execution.jobs import Job
from benchmark.execution.task import Task
from benchmark.models import plugins
from benchmark.records import record_files
from benchmark.storage import files
from protocols.errors import DataError, StoreError, UnheardError

STACKED = ("cuda",)  # devices on which networks are trained as stacks


@dataclass(frozen=True)
class Event:
    """Something happened to a job; `done` of its folds are finished."""

    kind: Literal["started", "fold", "finished", "failed", "elsewhere", "unstacked"]
    job: Job
    done: int = 0
    detail: str = ""


class NotStackedError(UnheardError):
    """Why folds are done fit by fit."""


Listen = Callable[[Event], None]
Ended = Iterator[tuple[Task, BaseException | None]]  # folds, as they end, each with its error
Do = Callable[[Iterator[Task | None]], Ended]


def run(todo: Sequence[Job], *, size: int, listen: Listen, force: bool = False) -> list[Job]:
    """Make the records of all jobs with so many workers; returns the jobs that failed.

    On real speech each fold has a process of its own: its test clips are in the training clips of others, and
    a model that remembers what it has been given would know their labels.

    With `force`, records of other settings are replaced. Raises StoreError where the results folder cannot be
    written; what was finished stays.
    """
    desk = _Desk(list(todo), listen, force)
    anew = any(job.board != "synthetic" for job in todo)
    do: Do = partial(executor.run, partial(fold.run, alone=size == 1), size=size, anew=anew)
    if any(job.device.startswith(STACKED) for job in todo):
        do = partial(_after_stacks, do, anew, desk.unstacked)
    for task, error in do(desk.tasks()):
        desk.note(task, error)
    return desk.failed


def _after_stacks(
    do: Do, anew: bool, unstacked: Callable[[Task, str], None], tasks: Iterator[Task | None]
) -> Ended:
    """What is done of the folds, once stacks have done the fits of those that are networks on a GPU.

    What stacks cannot do is done fit by fit, and `unstacked` is called with why.
    """
    for stackable, some in groupby(tasks, key=_stackable):
        if stackable:
            together = [task for task in some if task]
            for _, error in executor.run(_fill, iter([together]), size=1, anew=anew):
                if isinstance(error, StoreError):
                    raise error
                if error is not None:
                    unstacked(together[0], error_text(error))
            some = iter(together)
        yield from do(some)


def _stackable(task: Task | None) -> tuple[str, str] | None:
    """What the fits of folds that are next to each other may share in a stack; None where there is none."""
    if task is None or not task.device.startswith(STACKED):
        return None
    return (task.model, task.protocol) if plugins.load(task.model).backend.is_network else None


def _fill(tasks: list[Task]) -> None:
    from benchmark.execution import stacked_folds  # which imports torch

    if left := stacked_folds.fill(tasks):
        raise NotStackedError(f"{len(left)} of {len(tasks)} folds: {left[0].why}")


def sweep(finished: Sequence[Job]) -> None:
    """Remove the work that led to these records, also where a run was killed after it had written them."""
    for job in finished:
        shutil.rmtree(job.work, ignore_errors=True)


@dataclass
class _Open:
    """A job that this run works on."""

    job: Job
    left: int  # folds that are not finished
    lock: contextlib.AbstractContextManager[None]


@dataclass
class _Desk:
    """Hands out tasks and takes note of their ends."""

    waiting: list[Job]
    listen: Listen
    force: bool
    open: dict[Path, _Open] = field(default_factory=dict)  # by the job's work folder
    failed: list[Job] = field(default_factory=list)
    elsewhere: set[Path] = field(default_factory=set)  # reported to be in another run's hands

    def tasks(self) -> Iterator[Task | None]:
        """Tasks in order; None while all that is left waits for a leader or for another run."""
        while self.waiting:
            job = next((job for job in self.waiting if self.begin(job)), None)
            if job is None:
                yield None
                continue
            self.waiting.remove(job)
            for task in self.unfinished(job):
                if job.work in self.open:  # it may have failed meanwhile
                    yield task

    def begin(self, job: Job) -> bool:
        """Take the job's lock; False where it must wait."""
        pending = [*self.waiting, *(entry.job for entry in self.open.values())]
        first = {job.leader} if job.seed else set()
        if job.teacher:
            first.add(job.teacher.record)
        if any(other.record in first for other in pending):
            return False
        lock = files.lock(job.work.with_suffix(".lock"), timeout=0)
        try:
            lock.__enter__()
        except Timeout:
            if job.work not in self.elsewhere:
                self.elsewhere.add(job.work)
                self.listen(Event("elsewhere", job))
            return False
        self.open[job.work] = _Open(job, len(job.folds), lock)
        return True

    def unfinished(self, job: Job) -> list[Task]:
        """Tasks of a job just begun that still are to be done; ends it where there are none."""
        if jobs.finished(job):  # by another run, since this one looked
            self.close(job)
            self.listen(Event("finished", job, len(job.folds)))
            return []
        if job.seed and not jobs.led(job):
            self.fail(job, "seed 0 has failed, and its record decides what this seed does")
            return []
        if job.teacher and not jobs.finished(job.teacher):
            self.fail(job, f"its teacher has failed: {job.teacher.name}")
            return []
        for path in (job.record, record_files.predictions_place(job.record)):
            files.sweep(path)
        try:
            jobs.take_parts(job)
        except DataError as error:
            self.fail(job, str(error))
            return []
        todo = [task for task in jobs.tasks(job) if not task.result.is_file()]
        self.open[job.work].left = len(todo)
        self.listen(Event("started", job, len(job.folds) - len(todo)))
        if not todo:  # killed between the last fold and the record
            self.finish(job)
        return todo

    def note(self, task: Task, error: BaseException | None) -> None:
        """A task has ended."""
        if task.work not in self.open:  # its job has failed already
            return
        entry = self.open[task.work]
        if isinstance(error, StoreError):
            raise error
        if error is not None:
            self.fail(entry.job, f"fold {task.fold}: {error_text(error)}")
            return
        entry.left -= 1
        self.listen(Event("fold", entry.job, len(entry.job.folds) - entry.left))
        if not entry.left:
            self.finish(entry.job)

    def unstacked(self, task: Task, why: str) -> None:
        """Folds of a job are done fit by fit on a GPU."""
        entry = self.open[task.work]
        self.listen(Event("unstacked", entry.job, len(entry.job.folds) - entry.left, why))

    def finish(self, job: Job) -> None:
        """Write the record; the work that led to it is no longer needed."""
        try:
            if not self.force:  # a run with other settings may have put its own there meanwhile
                jobs.refuse_other_keys([job])
            results = [fold.read(task.result) for task in jobs.tasks(job)]
            jobs.leave_parts(job)
            record_files.write(job.record, *assembly.assemble(job, results))
        except StoreError:
            raise
        except Exception as error:  # the finished folds stay, and no other job ends with this one
            self.fail(job, error_text(error))
            return
        if not job.keep:  # its weights lie there
            sweep([job])
        self.close(job)
        self.listen(Event("finished", job, len(job.folds)))

    def fail(self, job: Job, why: str) -> None:
        self.failed.append(job)
        self.close(job)
        self.listen(Event("failed", job, detail=why))

    def close(self, job: Job) -> None:
        self.open.pop(job.work).lock.__exit__(None, None, None)


def error_text(error: BaseException) -> str:
    """What went wrong in a worker, for people."""
    if isinstance(error, BrokenProcessPool):
        return "its worker process died (out of memory?)"
    if isinstance(error, UnheardError):
        return str(error)
    trace = "".join(traceback.format_exception(error))
    return f"{type(error).__name__}: {error}\n{trace}"
