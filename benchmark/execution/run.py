"""A run, from the request to the records: features, folds, costs, final models.

Nothing is printed here: a listener is given an event for each thing that happens.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from benchmark.compute import cluster as clusters
from benchmark.compute import executor, local_processes
from benchmark.compute.slots import Slot
from benchmark.execution import (
    costs,
    device,
    estimate,
    final_models,
    fold_models,
    jobs,
    plan,
    robustness,
    scheduler,
    suites,
    time_limit,
    workload,
)
from benchmark.execution.events import (
    CostFailed,
    Event,
    FeaturesDamaged,
    Final,
    FoldModels,
    JobEvent,
    Listen,
    Outcome,
    Planned,
    Prepared,
    Robust,
    Step,
    stage,
)
from benchmark.execution.jobs import Job
from benchmark.execution.plan import Plan
from benchmark.execution.request import Request
from benchmark.execution.task import Homes
from benchmark.features import feature_store, front_ends
from benchmark.storage import files
from protocols.errors import StoreError, UnheardError, WeightsError

SITE = 0.1  # of a run's minutes, which are left to build the site in


def prepare(request: Request, *, force: bool, final: bool, listen: Listen) -> Prepared:
    """Look at everything that can be wrong before a long run; UnheardError says what is.

    With `force`, records of other settings may be replaced. With `final`, final models are wanted too.
    """
    begun, gpus = time.monotonic(), _gpus(request)
    with stage("reading the corpora", listen) as progress:
        made = plan.make(request, progress=progress)
    listen(Planned(made))
    todo = [job for job in made.jobs if not jobs.finished(job)]
    if not force:
        jobs.refuse_other_keys(todo)
    first = [job for job in made.jobs if job.seed == 0] if final else []
    keepable = [job for job in first if final_models.keepable(job.plugin)]
    robust = [job for job in made.jobs if job.robust and not robustness.there(job)]
    keeps = [job for job in made.jobs if job.keep] if request.keep_models else robust
    wanted = made.jobs if request.keep_models or suites.find(request.suite).robust else first
    prepared = Prepared(
        plan=made,
        todo=todo,
        finals=[job for job in keepable if not final_models.kept(job)],
        keeps=[job for job in keeps if fold_models.missing(job)],
        robust=robust,
        unkeepable=list(
            dict.fromkeys(job.plugin.info.name for job in wanted if not final_models.keepable(job.plugin))
        ),
        force=force,
        gpus=gpus,
        cluster=request.cluster,
        until=None if request.minutes is None else begun + 60 * (1 - SITE) * request.minutes,
    )
    listen(prepared)
    return prepared


def _gpus(request: Request) -> list[str]:
    """The GPU of each worker, where each sees one; UnheardError for a wrong cluster, or no such GPU."""
    if request.cluster:
        clusters.refuse_wrong(request.cluster)
        if request.per_gpu:
            raise UnheardError("--per-gpu: of a cluster, its nodes have it: `worker ADDRESS --per-gpu K`.")
    return device.shared(request.device, request.per_gpu) if request.per_gpu else []


def refuse_uncountable(todo: Sequence[Job]) -> None:
    """PluginError for a network whose cost cannot be counted, before days are spent on its training."""
    for plugin in dict.fromkeys(job.plugin for job in todo):
        if plugin.backend.is_network:
            from benchmark.cost import measure  # which imports torch

            with contextlib.suppress(WeightsError):  # of its encoder: its features will fail with the reason
                measure.of_network(plugin)


def estimated(prepared: Prepared, *, size: int, listen: Listen) -> Outcome:
    """Compute nothing, but how long it would take with so many workers."""
    listen(estimate.of(prepared.todo, prepared.plan.features(prepared.todo), size=size))
    return summary(prepared.plan, {})


def carry_out(prepared: Prepared, *, size: int, listen: Listen) -> Outcome:
    """Make what is to be made with so many workers; StoreError where it cannot be written.

    On a cluster folds alone are done elsewhere. Where it has to end at a time, what is worth most is made
    first, and what is left is named.
    """
    made, failed, left = prepared.plan, dict[str, str](), tuple[str, ...]()

    def note(event: Event) -> None:
        if isinstance(event, CostFailed):
            failed.setdefault(event.job.name, event.why)
        elif (isinstance(event, Final | FoldModels | Robust) and event.state == "failed") or (
            isinstance(event, JobEvent) and event.kind == "failed"
        ):
            failed.setdefault(event.job.name, event.detail)
        listen(event)

    files.ready(made.results)
    needed = {*prepared.todo, *prepared.keeps, *prepared.robust}
    scheduler.sweep([job for job in made.jobs if job not in needed])
    if prepared.todo and not (made.synthetic or prepared.cluster or prepared.until):
        _foresee(prepared, size=len(prepared.gpus) or size, listen=note)
    try:
        with time_limit.until(prepared.until):
            for some in [prepared] if prepared.until is None else _by_worth(prepared):
                _make(some, size=size, listen=note)
    except time_limit.TimeUp:
        left = tuple(name for name in _left(prepared) if name not in failed)
    outcome = replace(summary(made, failed), left=left)
    listen(outcome)
    return outcome


def _foresee(prepared: Prepared, *, size: int, listen: Listen) -> None:
    """Say how long it will take, features included; tried in a process that may die without harm."""
    slot, todo = Slot(), prepared.todo
    try:
        listen(estimate.of(todo, prepared.plan.features(todo), size=size, call=slot.call))
    finally:
        slot.end()


def _left(prepared: Prepared) -> Iterator[str]:
    """The jobs whose records are not there, or whose robustness is not."""
    unfinished = [job for job in prepared.todo if not jobs.finished(job)]
    unmeasured = [job for job in prepared.robust if not robustness.there(job)]
    return (job.name for job in dict.fromkeys([*unfinished, *unmeasured]))


def _by_worth(prepared: Prepared) -> Iterator[Prepared]:
    """Half done records, then cheap before dear ones, those of the same features together; then models."""
    order: dict[Homes, list[Job]] = {}
    for job in sorted(prepared.todo, key=lambda job: (not jobs.begun(job), workload.macs(job))):
        order.setdefault(job.features, []).append(job)
    for together in order.values():
        yield replace(prepared, todo=together, finals=[], keeps=[], robust=[])
    yield replace(prepared, todo=[])


def _make(prepared: Prepared, *, size: int, listen: Listen) -> None:
    """Features, folds, costs, and the models that are to be kept."""
    made = prepared.plan
    featureless = _compute_features(prepared, size=size, listen=listen)
    todo = [job for job in prepared.todo if job not in featureless]
    listen(Step("folds", "begins", total=sum(len(job.folds) for job in todo)))
    try:
        scheduler.run(
            todo,
            size=len(prepared.gpus) or size,
            listen=listen,
            force=prepared.force,
            gpus=prepared.gpus,
            cluster=prepared.cluster,
            nodes=listen,
        )
    finally:
        listen(Step("folds", "ends"))
    _measure_costs(made, size=size, listen=listen)
    _keep_folds([job for job in prepared.keeps if job not in featureless], size=size, listen=listen)
    scheduler.sweep([job for job in made.jobs if job.keep and jobs.finished(job)])
    robustness.measure(prepared.robust, made.inventories, size=size, listen=listen)
    _fit_finals([job for job in prepared.finals if job not in featureless], size=size, listen=listen)


def preload(todo: Sequence[Job]) -> None:
    """Have imported once, from now on, what the workers for these jobs would each import."""
    plugins = dict.fromkeys(job.plugin for job in todo)
    needed = [front_ends.declaration(each) for plugin in plugins for each in plugin.features]
    imports = [plugin.backend.imports for plugin in plugins] + [front_end.imports for front_end in needed]
    local_processes.preload(dict.fromkeys(["benchmark.execution.fold", *chain.from_iterable(imports)]))
    if todo:
        local_processes.begin()


def summary(made: Plan, failed: Mapping[str, str]) -> Outcome:
    """The outcome of a plan of which these jobs failed."""
    return Outcome(
        results=made.results,
        records=tuple(job.record for job in made.jobs if job.name not in failed and job.record.is_file()),
        failed=failed,
        absent=tuple(made.absent),
        partial={name: tuple(clip.path for clip in made.inventories[name].missing) for name in made.partial},
        synthetic=made.synthetic,
    )


def _compute_features(prepared: Prepared, *, size: int, listen: Listen) -> list[Job]:
    """Compute the inputs of all jobs; returns the jobs whose front end failed."""
    todo = list(dict.fromkeys([*prepared.todo, *prepared.keeps, *prepared.finals]))
    wanted = prepared.plan.features(todo)
    with stage("computing features", listen) as progress:
        errors = feature_store.ensure(
            wanted, jobs=size, progress=progress, damaged=lambda why: listen(FeaturesDamaged(why))
        )
    failed = []
    for job in todo:
        if why := [executor.error_text(errors[home]) for home in job.homes if home in errors]:
            failed.append(job)
            listen(JobEvent("failed", job, detail=f"its features: {why[0]}"))
    return failed


def _measure_costs(made: Plan, *, size: int, listen: Listen) -> None:
    """Measure what the finished records' models cost; on real speech one alone, since a clock is read.

    Students come after their teachers, whose cost is a part of theirs.
    """
    tasks, at_once = costs.wanted(made.jobs), size if made.synthetic else 1
    by_turn = [[task for task in tasks if bool(task.teacher) == taught] for taught in (False, True)]
    ended = chain.from_iterable(executor.run(costs.complete, iter(each), size=at_once) for each in by_turn)
    with stage("measuring costs", listen) as progress:
        for done, (task, error) in enumerate(ended, start=1):
            progress(done, len(tasks))
            if isinstance(error, StoreError):
                raise error
            if error is not None:
                [job] = [job for job in made.jobs if job.record == task.record]
                listen(CostFailed(job, str(error)))


def _fit_finals(wanted: Sequence[Job], *, size: int, listen: Listen) -> None:
    """Fit and keep the final models of the jobs whose records are there."""
    for job in wanted:
        if not final_models.ready(job):
            listen(Final(job, "not fitted", "its record failed"))
    tasks = {final_models.of(job): job for job in wanted if final_models.ready(job)}
    for task, error in executor.run(final_models.fit, iter(tasks), size=size):
        if isinstance(error, StoreError):
            raise error
        if error is not None:
            listen(Final(tasks[task], "failed", f"{type(error).__name__}: {error}"))
        else:
            listen(Final(tasks[task], "kept", str(task.home)))


def _keep_folds(wanted: Sequence[Job], *, size: int, listen: Listen) -> None:
    """Keep the models of the folds of the jobs whose records are there."""
    ready = [job for job in wanted if fold_models.ready(job)]
    tasks = {task: job for job in ready for task in fold_models.of(job)}
    failed: dict[Job, str] = {}
    for task, error in executor.run(fold_models.keep, iter(tasks), size=size):
        if isinstance(error, StoreError):
            raise error
        if error is not None:
            failed.setdefault(tasks[task], f"fold {task.task.fold}: {executor.error_text(error)}")
    for job in wanted:
        if job not in ready:
            listen(FoldModels(job, "not kept", "its record failed"))
        elif job in failed:
            listen(FoldModels(job, "failed", failed[job]))
        else:
            listen(FoldModels(job, "kept", str(fold_models.home(job, 0).parent)))
