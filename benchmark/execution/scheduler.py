"""Runs jobs, a fold at a time, in worker processes.

A finished trial, fold and record is on disk before the next begins. A model's other seeds wait for seed 0's
record, which tells whether they refit its winners or search anew, and a student waits for its teacher's.
Two runs may share a results folder: a job that another run holds is left to it. The engine prints nothing: it
reports to a listener.
"""

from __future__ import annotations

import shutil
import sys
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path

from benchmark.compute import executor
from benchmark.compute.executor import Ended
from benchmark.execution import assembly, fold, jobs, remote
from benchmark.execution.events import JobEvent
from benchmark.execution.jobs import Job
from benchmark.execution.order import Order
from benchmark.execution.remote import Work
from benchmark.execution.task import Task
from benchmark.models import plugins
from benchmark.records import record_files
from benchmark.storage import files
from benchmark.storage.leases import Lease
from protocols.errors import DataError, StoreError, UnheardError

STACKED = ("cuda",)  # devices on which networks are trained as stacks


class NotStackedError(UnheardError):
    """Why folds are done fit by fit."""


Listen = Callable[[JobEvent], None]


def run(
    todo: Sequence[Job],
    *,
    size: int,
    listen: Listen,
    force: bool = False,
    gpus: Sequence[str] = (),
    cluster: str = "",
    nodes: remote.Listen = lambda _node: None,
) -> list[Job]:
    """Make the records of all jobs with so many workers; returns the jobs that failed.

    On real speech each fold has a process of its own: its test clips are in the training clips of others, and
    a model that remembers what it has been given would know their labels.

    With `force`, records of other settings are replaced. `gpus`: their names in CUDA_VISIBLE_DEVICES, where
    each worker is to see one. `cluster`: its scheduler's address, or "local:N"; then `size` is not used,
    and `nodes` is given those that come and go. Raises StoreError where the results folder cannot be written,
    ClusterError where the cluster is gone; what was finished stays.
    """
    if not todo:
        return []
    desk = _Desk(todo, listen, force)
    stacks = _Stacks(most=sys.maxsize if cluster else size if gpus else 1)
    tasks, alone = stacks.first(desk.tasks()), size == 1 and not cluster
    do: Callable[[Work], None] = partial(_do, partial(fold.run, alone=alone), _fill)
    ended: Ended[Work]
    if cluster:
        ended = remote.run(cluster, do, tasks, todo=todo, listen=nodes)
    else:
        anew = any(job.board != "synthetic" for job in todo)
        ended = executor.run(do, tasks, size=size, anew=anew, gpus=gpus)
    with closing(desk), closing(ended):  # workers end before another run may take their jobs
        for work, error in ended:
            if isinstance(work, Task):
                desk.note(work, error)
            else:
                stacks.ended(work)
                desk.note_stack(work, error)
    return desk.failed


@dataclass
class _Stacks:
    """Hands out folds of networks on a GPU twice: together, for their stacks, and once these ended, each.

    What stacks cannot do of them is done fit by fit then.
    """

    most: int  # at a time
    going: int = 0
    folds: deque[Task] = field(default_factory=deque)  # whose stacks have ended

    def first(self, tasks: Iterator[Task | None]) -> Iterator[Work | None]:
        """The work that these folds are, in order; None while there is nothing to do."""
        for work in _grouped(tasks):
            while isinstance(work, list) and self.going == self.most:
                yield self._next()
            self.going += isinstance(work, list)
            yield work or self._next()
            while self.folds:
                yield self._next()
        while self.going or self.folds:
            yield self._next()

    def ended(self, work: list[Task]) -> None:
        self.going -= 1
        self.folds += work

    def _next(self) -> Task | None:
        return self.folds.popleft() if self.folds else None


def _grouped(tasks: Iterator[Task | None]) -> Iterator[Work | None]:
    for stackable, some in groupby(tasks, key=_stackable):
        if stackable:
            yield [task for task in some if task]
        else:
            yield from some


def _stackable(task: Task | None) -> tuple[str, str] | None:
    """What the fits of folds that are next to each other may share in a stack; None where there is none."""
    if task is None or not task.device.startswith(STACKED):
        return None
    return (task.model, task.protocol) if plugins.load(task.model).backend.is_network else None


def _do(do_fold: Callable[[Task], None], do_stack: Callable[[list[Task]], None], work: Work) -> None:
    """What a worker does."""
    if isinstance(work, Task):
        do_fold(work)
    else:
        do_stack(work)


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
    lease: Lease


@dataclass
class _Desk:
    """Hands out tasks and takes note of their ends."""

    todo: Sequence[Job]
    listen: Listen
    force: bool
    open: dict[Path, _Open] = field(default_factory=dict)  # by the job's work folder
    failed: list[Job] = field(default_factory=list)
    elsewhere: dict[Path, Lease] = field(default_factory=dict)  # that another run holds, by the work folder

    def __post_init__(self) -> None:
        self.order = Order(self.todo)

    def tasks(self) -> Iterator[Task | None]:
        """Tasks in order; None while all that is left waits for a leader or for another run."""
        while self.order.left:
            job = self.order.begin(self.take)
            if job is None:
                yield None
                continue
            for task in self.unfinished(job):
                if job.work in self.open:  # it may have failed meanwhile
                    yield task

    def take(self, job: Job) -> bool:
        """Take the job's lease; False where another run has it."""
        lease = self.elsewhere.get(job.work) or Lease(job.lease)
        if not lease.take():
            if job.work not in self.elsewhere:
                self.elsewhere[job.work] = lease
                self.listen(JobEvent("elsewhere", job, detail=lease.holder))
            return False
        self.open[job.work] = _Open(job, len(job.folds), lease)
        return True

    def unfinished(self, job: Job) -> list[Task]:
        """Tasks of a job just begun that still are to be done; ends it where there are none."""
        if jobs.finished(job):  # by another run, since this one looked
            self.end(job)
            self.listen(JobEvent("finished", job, len(job.folds)))
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
        self.listen(JobEvent("started", job, len(job.folds) - len(todo)))
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
            self.fail(entry.job, f"fold {task.fold}: {executor.error_text(error)}")
            return
        entry.left -= 1
        self.listen(JobEvent("fold", entry.job, len(entry.job.folds) - entry.left))
        if not entry.left:
            self.finish(entry.job)

    def note_stack(self, tasks: list[Task], error: BaseException | None) -> None:
        """A stack of these folds' fits has ended; an error says why some are left to the folds."""
        if isinstance(error, StoreError):
            raise error
        if error is not None and (entry := self.open.get(tasks[0].work)):
            done = len(entry.job.folds) - entry.left
            self.listen(JobEvent("unstacked", entry.job, done, executor.error_text(error)))

    def finish(self, job: Job) -> None:
        """Write the record; the work that led to it is no longer needed."""
        try:
            if not self.force:  # a run with other settings may have put its own there meanwhile
                jobs.refuse_other_keys([job])
            if not jobs.finished(job):  # by a run that took over while this one was frozen
                results = [fold.read(files.shown(task.result)) for task in jobs.tasks(job)]
                jobs.leave_parts(job)
                record_files.write(job.record, *assembly.assemble(job, results))
        except StoreError:
            raise
        except Exception as error:  # the finished folds stay, and no other job ends with this one
            self.fail(job, executor.error_text(error))
            return
        if not job.keep and self.open[job.work].lease.kept:  # its weights lie there, or another run is at it
            sweep([job])
        self.end(job)
        self.listen(JobEvent("finished", job, len(job.folds)))

    def fail(self, job: Job, why: str) -> None:
        self.failed.append(job)
        self.end(job)
        self.listen(JobEvent("failed", job, detail=why))

    def close(self) -> None:
        """Let other runs take what is not finished."""
        for entry in self.open.values():
            entry.lease.release()

    def end(self, job: Job) -> None:
        self.open.pop(job.work).lease.release()
        self.order.ended(job)
