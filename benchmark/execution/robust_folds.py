"""The models of a record's folds, asked about their test clips under acoustic conditions: what workers do.

A model counts where it gives the record's predictions again for the clips as they are. What the model of a
fold predicts is on disk before the next fold begins.
"""

from __future__ import annotations

import datetime
import hashlib
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from benchmark.audio import acoustic_conditions
from benchmark.corpora.inventory import Inventory
from benchmark.execution import environment, fit, fold_data, fold_models, jobs, model_store
from benchmark.execution.fold_data import Data
from benchmark.execution.fold_models import TOLERANCE, Keep
from benchmark.execution.jobs import Job
from benchmark.execution.task import Task
from benchmark.features import feature_store
from benchmark.features.stack import Stack
from benchmark.records import prediction_table, record_files
from benchmark.records import robustness as evidence
from benchmark.records.answers import join
from benchmark.records.prediction_table import Predictions
from benchmark.records.robustness import CLEAN, Robustness
from benchmark.records.schema import DECIMALS
from benchmark.scores import calibration
from benchmark.storage import canonical, files
from benchmark.version import __version__
from protocols import folds
from protocols.contract import Model
from protocols.errors import DataError, PluginError, WeightsError

Inventories = Mapping[str, Inventory]  # by corpus


@dataclass(frozen=True, kw_only=True, eq=False)
class Ask:
    """The model of one fold, and what it is to be asked. Plain data: a worker looks up the rest by itself."""

    kept: Keep
    under: dict[str, Task]  # by condition: the fold, with its clips' features under it
    result: Path


class Asked(Struct, kw_only=True):
    """What the model of a fold has predicted of its test clips, in the order of the record."""

    largest: float  # difference of a probability from the record, on the clips as they are
    probabilities: dict[str, list[list[float]]]  # by condition
    seconds: float


def conditions() -> list[str]:
    """The conditions that can be had here."""
    lacking = acoustic_conditions.unavailable()
    return [name for name in acoustic_conditions.CONDITIONS if name not in lacking]


def features(job: Job, inventories: Inventories, condition: str) -> list[tuple[Stack, Inventory]]:
    """What `feature_store.ensure` must compute under a condition: no copies, since nothing is trained."""
    plain = tuple(replace(each, copies=0, augmentation=()) for each in job.plugin.features)
    return [(plain, replace(inventories[name], condition=condition)) for name in job.protocol.corpora]


def of(job: Job, inventories: Inventories) -> list[Ask]:
    """What is to be asked of the models of a job, which are kept."""
    under = {name: _tasks(job, features(job, inventories, name)) for name in conditions()}
    return [
        Ask(
            kept=kept,
            under={name: tasks[kept.task.fold] for name, tasks in under.items()},
            result=_work(job) / f"fold-{kept.task.fold:02d}.json",
        )
        for kept in fold_models.every(job)
    ]


def ask(one: Ask) -> None:
    """Ask the model under each condition: what a worker process does.

    WeightsError where it does not predict what the record says of the clips as they are.
    """
    with files.lock(one.result.with_suffix(".lock")):
        if one.result.is_file():
            return
        started, task = time.perf_counter(), one.kept.task
        data = _data(one, task)
        model = _model(one.kept, data)
        off = fold_models.difference(_predicted(one, model, data, CLEAN), one.kept)
        if not off <= TOLERANCE:  # NaN is not
            raise WeightsError(
                f"{one.kept.home}: what is kept there differs from {one.kept.record} by up to {off:.3g} in "
                "probability, so it is not the record's model. Remove it and run the same command again."
            )
        found = {
            name: _predicted(one, model, _data(one, altered), name).tolist()
            for name, altered in one.under.items()
        }
        asked = Asked(largest=off, probabilities=found, seconds=time.perf_counter() - started)
        files.write(one.result, files.sealed(msgspec.json.encode(asked)))


def finish(job: Job, asked: Sequence[Ask]) -> Robustness:
    """Write the evidence, once the models of all folds were asked; the work that led to it is removed."""
    record = record_files.read(job.record)
    clean, _ = prediction_table.read(record_files.predictions_place(job.record), record.labels)
    results = {one.kept.task.fold: _read(one.result) for one in asked}
    under = {name: _whole(clean, results, name) for name in conditions()}
    table = evidence.joined(under)
    known = folds.population(job.protocol).by_clip
    found = Robustness(
        schema=evidence.SCHEMA,
        key=canonical.digest(record.key),
        clean=record.predictions,
        largest=round(max(one.largest for one in results.values()), 6),
        table=acoustic_conditions.digest(),
        conditions=[acoustic_conditions.described(name) for name in under],
        lacking=acoustic_conditions.unavailable(),
        scores={
            name: evidence.scores(join(one, known, record.labels))
            for name, one in {CLEAN: clean, **under}.items()
        },
        predictions=hashlib.sha256(prediction_table.encode(table, record.labels)).hexdigest(),
        environment=environment.environment(job.device),
        run=evidence.Made(
            finished=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            seconds=round(sum(one.seconds for one in results.values()), 1),
            unheard=__version__,
            submitter=environment.submitter(),
        ),
    )
    evidence.write(evidence.place(job.record), found, table, record.labels)
    shutil.rmtree(_work(job), ignore_errors=True)
    return found


def _tasks(job: Job, inputs: Sequence[tuple[Stack, Inventory]]) -> dict[int, Task]:
    """The folds of a job with the features of its clips under a condition."""
    altered = replace(job, features=tuple(feature_store.folders(*each) for each in inputs))
    return {task.fold: task for task in jobs.tasks(altered)}


def _work(job: Job) -> Path:
    """Where the answers of folds are kept, apart from the folder that other runs sweep."""
    digest = canonical.digest([acoustic_conditions.digest(), *conditions()])[:12]
    return job.work.with_name(f"{job.work.name}-conditions-{digest}")


def _data(one: Ask, task: Task) -> Data:
    return fold_data.load(task, folds.load(task.protocol)).given(one.kept.facts.params)


def _model(kept: Keep, data: Data) -> Model:
    model = fit.fresh(kept.task, data, kept.facts.params, part=0)
    model_store.restore(model, model_store.state(kept.home, model_store.read(kept.home)))
    return model


def _predicted(one: Ask, model: Model, data: Data, condition: str) -> np.ndarray:
    """Calibrated, rounded probabilities of the test clips, in the order of the record: (n, classes)."""
    raw = fit.tested(model, data, one.kept.task.key)
    if not np.isfinite(raw).all():
        raise PluginError(f"{one.kept.task.model}: its probabilities are not all finite ({condition}).")
    return calibration.calibrated(raw, one.kept.facts.temperature).round(DECIMALS)


def _read(path: Path) -> Asked:
    try:
        return msgspec.json.decode(files.unsealed(path.read_bytes()), type=Asked)
    except msgspec.DecodeError as error:
        raise DataError(f"{path}: damaged ({error}). Remove it and run the same command again.") from error


def _whole(clean: Predictions, results: Mapping[int, Asked], condition: str) -> Predictions:
    """All folds' predictions under a condition, row by row as the record's."""
    probabilities = np.empty_like(clean.probabilities)
    for number, one in results.items():
        probabilities[clean.folds == number] = one.probabilities[condition]
    return msgspec.structs.replace(clean, probabilities=probabilities)
