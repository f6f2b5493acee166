"""Folds on the nodes of a cluster: what a node must be, and what it does.

The results folder is one that all machines share. The rest is each node's own: its code, its cache.
"""

from __future__ import annotations

import platform
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmark.compute import cluster, executor
from benchmark.compute.executor import Ended
from benchmark.compute.node import CODE, Badge
from benchmark.execution import device, environment, offload, shared_features
from benchmark.execution.jobs import Job
from benchmark.execution.task import Task
from benchmark.models import plugins
from benchmark.records import record_files
from benchmark.storage import files
from protocols import folds
from protocols.errors import StoreError

Work = Task | list[Task]
Listen = Callable[[cluster.Node], None]


class Wanted(NamedTuple):
    """What a node is asked about."""

    models: tuple[str, ...]
    protocols: tuple[str, ...]
    devices: tuple[str, ...]
    results: Path
    token: Path  # a file of this run in it


def run(
    where: str,
    function: Callable[[Work], None],
    tasks: Iterator[Work | None],
    *,
    todo: Sequence[Job],
    listen: Listen,
) -> Ended[Work]:
    """`executor.drive` on a cluster, for tasks of these jobs; `listen` is given nodes as they come and go."""
    results = todo[0].results
    shared = results / record_files.WORK / "features"
    shared_features.offer({folder for job in todo for home in job.homes for folder in home}, shared)
    token = results / record_files.WORK / f"run-{uuid.uuid4().hex}"
    files.write(token, "")
    try:
        with cluster.opened(where, badge(todo, token), listen) as nodes:
            do = partial(_on_node, function, shared)
            ended: Ended[Work] = executor.drive(nodes, do, tasks, size=lambda: nodes.size)
            yield from ended
    finally:
        token.unlink(missing_ok=True)


def badge(todo: Sequence[Job], token: Path) -> Badge:
    """What a node must have in common with this run of these jobs."""
    owners = [job.teacher for job in todo if job.teacher] + list(todo)
    wanted = Wanted(
        models=tuple(sorted({job.plugin.reference for job in owners})),
        protocols=tuple(sorted({job.reference for job in todo})),
        devices=tuple(sorted({job.device for job in todo})),
        results=todo[0].results,
        token=token,
    )
    modules = dict.fromkeys(name for job in todo for name in job.plugin.backend.imports)
    return Badge(
        token.name,
        facts,
        wanted,
        tuple(_same(wanted).items()),
        preload=("benchmark.execution.fold", *modules),
    )


def facts(wanted: Wanted) -> dict[str, str]:
    """Of this node; UnheardError where it lacks what the run needs."""
    if not wanted.results.is_dir():
        raise StoreError(
            f"{wanted.results}: is not here. All machines must have the results folder at one path."
        )
    files.shown(wanted.token)
    files.ready(wanted.results)
    for name in wanted.devices:
        device.find(name)
    return _same(wanted)


def _same(wanted: Wanted) -> dict[str, str]:
    return {
        CODE: offload.code(()),
        "Python": platform.python_version(),
        **{name: found.partition("+")[0] for name, found in environment.VERSIONS.items()},  # of any hardware
        **{f"the model {name}": plugins.load(name).source for name in wanted.models},
        **{f"the protocol {name}": folds.load(name).digest for name in wanted.protocols},
    }


def _on_node(function: Callable[[Work], None], shared: Path, work: Work) -> None:
    for task in [work] if isinstance(work, Task) else work:
        shared_features.take(task, shared)
    function(work)
