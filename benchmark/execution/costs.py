"""Adds what a model costs to its records, once they are there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from benchmark.execution import jobs
from benchmark.execution.jobs import Job
from benchmark.execution.task import Task
from benchmark.records import record_files
from benchmark.storage import files, leases
from protocols.errors import UnheardError


@dataclass(frozen=True)
class Uncounted:
    """A record that lacks its cost. Plain data: a worker looks up model and features by itself."""

    record: Path
    tasks: tuple[Task, ...]
    teacher: Path | None  # the teacher's record
    lease: Path


def wanted(made: Iterable[Job]) -> list[Uncounted]:
    """Of these jobs, the finished records that lack their cost. One whose seed 0 is gone stays without."""
    found = []
    for job in made:
        if (
            not jobs.finished(job)
            or record_files.read(job.record).cost is not None
            or not job.leader.is_file()
        ):
            continue
        tasks = tuple(replace(task, device="cpu") for task in jobs.tasks(job))
        teacher = job.teacher.record if job.teacher else None
        found.append(Uncounted(job.record, tasks, teacher, job.lease))
    return found


def complete(one: Uncounted) -> None:
    """Measure and write: what a worker process does, alone, since a clock is read.

    UnheardError where the teacher has no cost yet, since its training is part of the student's.
    """
    from benchmark.execution import record_cost

    with leases.held(one.lease):
        record = record_files.read(one.record)
        files.sweep(one.record)
        if record.cost is not None:  # another run was quicker
            return
        teacher = record_files.read(one.teacher).cost if one.teacher else None
        if one.teacher and not teacher:
            raise UnheardError(
                f"{one.record}: its teacher's record has no cost yet. Run the same command again."
            )
        cost, fast = record_cost.measured(record, one.tasks, teacher)
        if record_files.read(one.record) != record:  # a run with other settings has replaced it meanwhile
            return
        run = msgspec.structs.replace(record.run, speed=fast)
        files.write(one.record, record_files.encode(msgspec.structs.replace(record, cost=cost, run=run)))
