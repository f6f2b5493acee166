"""`offload pack`: the fits that are worth most on a borrowed GPU, and all that they need, as few files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.execution import jobs, offload, plan, workload
from benchmark.execution.jobs import Job
from benchmark.execution.request import Request
from benchmark.execution.task import Task
from benchmark.features import feature_store, front_ends
from benchmark.features.chunks import FRAMES, INDEX
from benchmark.records import record_files
from benchmark.storage import parts
from protocols.errors import UnheardError


@dataclass(frozen=True)
class Packed:
    """What was packed, and what was not."""

    jobs: list[str]
    too_large: list[str]  # jobs for which there was no room
    waiting: list[str]  # networks' jobs that another one's record comes before
    files: list[Path]


def pack(request: Request, folder: Path, *, most: int) -> Packed:
    """Put the open fits of the networks of a request into a folder, in `most` bytes; cheap models first.

    UnheardError where there is nothing to be done, or no room for any of it.
    """
    made = plan.make(request)
    networks = [job for job in made.jobs if job.plugin.backend.is_network and not jobs.finished(job)]
    ready = sorted(filter(_begins, networks), key=_work)
    if not ready:
        raise UnheardError("offload: no network of this request has a fold to be done that could begin now.")
    errors = feature_store.ensure(made.features(ready), jobs=request.jobs)
    entries, tasks, names, room = dict[str, bytes](), list[Task](), list[str](), most
    for job in ready:
        todo = [
            task for task in jobs.tasks(job) if not (task.result.is_file() or job.part(task.fold).is_file())
        ]
        if not todo or any(home in errors for home in job.homes):
            continue
        new = {name: data for name, data in _features(job) if name not in entries}
        if (size := sum(map(len, new.values()))) > room:
            continue
        new |= offload.kept(todo, work=made.results / record_files.WORK, room=room - size, known=entries)
        room -= sum(map(len, new.values()))
        entries |= new
        tasks += todo
        names.append(job.name)
    if not tasks:
        raise UnheardError(
            f"offload: no job of this request fits into {most >> 20} MiB. Give --max-mib more."
        )
    entries[offload.HEADER] = offload.encoded(offload.header(tasks, work=made.results / record_files.WORK))
    return Packed(
        names,
        [job.name for job in ready if job.name not in names],
        [job.name for job in networks if job not in ready],
        parts.write(folder, offload.OUT, entries),
    )


def _begins(job: Job) -> bool:
    """Whether its folds can be done now: seed 0, or what that found is known; and its teacher is there."""
    return (not job.seed or jobs.led(job)) and (job.teacher is None or jobs.finished(job.teacher))


def _work(job: Job) -> tuple[float, str, int]:
    return workload.macs(job), job.name, job.seed


def _features(job: Job) -> Iterator[tuple[str, bytes]]:
    """The files of all features of a job, in 16 bits where a model is given no more of them."""
    for home in job.homes:
        for folder, features in zip(home, job.plugin.features, strict=True):
            half = front_ends.declaration(features).half
            frames, buffer = np.load(folder / FRAMES, mmap_mode="r"), io.BytesIO()
            np.save(buffer, frames.astype(np.float16) if half else frames)
            yield f"{offload.FEATURES}/{folder.name}/{FRAMES}", buffer.getvalue()
            yield f"{offload.FEATURES}/{folder.name}/{INDEX}", (folder / INDEX).read_bytes()
