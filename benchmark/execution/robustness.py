"""Measures the robustness of finished records: features under acoustic conditions, folds, evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmark.audio import acoustic_conditions
from benchmark.compute import executor
from benchmark.execution import fold_models, jobs, robust_evidence, robust_folds
from benchmark.execution.events import FeaturesDamaged, Listen, Robust, stage
from benchmark.execution.jobs import Job
from benchmark.execution.robust_folds import Ask, Inventories
from benchmark.features import feature_store
from benchmark.records import robustness as evidence
from benchmark.records.robustness import CLEAN, Robustness
from protocols.errors import RecordError, StoreError, UnheardError


def there(job: Job) -> bool:
    """Whether the evidence is there: of this very record, and of all today's conditions that can be had."""
    try:
        found, record = evidence.read(evidence.place(job.record)), jobs.kept(job)
    except RecordError:
        return False
    if not found or not record or record.key != job.key or not evidence.bound(found, record):
        return False
    todays = found.table == acoustic_conditions.digest()
    lacks = found.lacking.keys() - acoustic_conditions.unavailable().keys()
    return todays and not lacks and evidence.predictions_place(job.record).is_file()


def measure(wanted: Sequence[Job], inventories: Inventories, *, size: int, listen: Listen) -> None:
    """Ask the kept models of these jobs' folds, and write the evidence of each job once all were asked.

    StoreError where it cannot be written. What else goes wrong with a job stops no other.
    """
    if not wanted:
        return
    ready = [job for job in wanted if fold_models.ready(job) and not fold_models.missing(job)]
    for job in wanted:
        if job not in ready:
            listen(Robust(job, "not measured", "the models of its folds are not kept"))
    failed = _compute_features(ready, inventories, size=size, listen=listen)
    asks = dict[Job, list[Ask]]()
    for job in ready:
        if job not in failed:
            with _blamed(job, failed):
                asks[job] = _asks(job, inventories)
    left = {job: len(each) for job, each in asks.items()}
    for job, one, error in _asked(asks, size=size, listen=listen):
        if error is not None:
            failed.setdefault(job, f"fold {one.task.fold}: {executor.error_text(error)}")
        left[job] -= 1
        if not left[job] and job not in failed:
            with _blamed(job, failed):
                listen(Robust(job, "measured", _worded(robust_evidence.finish(job, asks[job]))))
    for job, why in failed.items():
        listen(Robust(job, "failed", why))


@contextmanager
def _blamed(job: Job, failed: dict[Job, str]) -> Iterator[None]:
    """What is damaged of one job stops no other; a disk that cannot be written stops all."""
    try:
        yield
    except StoreError:
        raise
    except UnheardError as error:
        failed[job] = executor.error_text(error)


def _asks(job: Job, inventories: Inventories) -> list[Ask]:
    return robust_folds.of(job, inventories, {fold: fold_models.home(job, fold) for fold in job.folds})


def _asked(
    asks: dict[Job, list[Ask]], *, size: int, listen: Listen
) -> Iterator[tuple[Job, Ask, BaseException | None]]:
    tasks = {one: job for job, each in asks.items() for one in each}
    with stage("acoustic conditions", listen) as progress:
        ended = executor.run(robust_folds.ask, iter(tasks), size=size)
        for done, (one, error) in enumerate(ended, start=1):
            progress(done, len(tasks))
            if isinstance(error, StoreError):
                raise error
            yield tasks[one], one, error


def _compute_features(
    wanted: Sequence[Job], inventories: Inventories, *, size: int, listen: Listen
) -> dict[Job, str]:
    """The features of all clips under each condition; returns the jobs whose front end failed, and why."""
    inputs = {
        job: [
            each
            for condition in robust_folds.conditions()
            for each in robust_folds.features(job, inventories, condition)
        ]
        for job in wanted
    }
    with stage("computing features", listen) as progress:
        errors = feature_store.ensure(
            [each for own in inputs.values() for each in own],
            jobs=size,
            progress=progress,
            damaged=lambda why: listen(FeaturesDamaged(why)),
        )
    return {
        job: f"its features: {executor.error_text(errors[home])}"
        for job, own in inputs.items()
        for each in own
        for home in feature_store.folders(*each)
        if home in errors
    }


def _worded(found: Robustness) -> str:
    """UAR on the clips as they are and under the worst condition, in percent."""
    clean, worst = (100 * found.scores[name].uar for name in (CLEAN, found.worst))
    return f"UAR {clean:.1f} on the clips as they are, {worst:.1f} at the worst condition, {found.worst}"
