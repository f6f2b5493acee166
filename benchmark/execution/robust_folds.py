"""The models of a record's folds, asked about their test clips under acoustic conditions: what workers do.

A model counts where it gives the record's predictions again for the clips as they are. What the model of a
fold predicts is on disk before the next fold begins.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from benchmark.audio import acoustic_conditions
from benchmark.corpora.inventory import Inventory
from benchmark.execution import fit, fold_data, jobs, model_store
from benchmark.execution.fold_data import Data
from benchmark.execution.jobs import Job
from benchmark.execution.model_store import TOLERANCE
from benchmark.execution.task import Task
from benchmark.features import feature_store
from benchmark.features.stack import Stack
from benchmark.records import prediction_table, record_files
from benchmark.records.robustness import CLEAN
from benchmark.records.schema import DECIMALS, FoldFacts
from benchmark.scores import calibration
from benchmark.storage import canonical, files
from protocols import folds
from protocols.contract import Model
from protocols.errors import DataError, PluginError, WeightsError

Inventories = Mapping[str, Inventory]  # by corpus


@dataclass(frozen=True, kw_only=True, eq=False)
class Ask:
    """The model of one fold, and what it is to be asked. Plain data: a worker looks up the rest by itself."""

    task: Task
    facts: FoldFacts  # what the record says of the fold
    home: Path  # where its model is kept
    recorded: np.ndarray  # (n, classes), the record's probabilities of the fold's test clips
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


def of(job: Job, inventories: Inventories, homes: Mapping[int, Path]) -> list[Ask]:
    """What is to be asked of the models of a job's folds, which are kept in these homes."""
    record = record_files.read(job.record)
    clean, _ = prediction_table.read(record_files.predictions_place(job.record), record.labels)
    facts, under = {each.fold: each for each in record.folds}, _under(job, inventories)
    return [
        Ask(
            task=task,
            facts=facts[task.fold],
            home=homes[task.fold],
            recorded=clean.probabilities[clean.folds == task.fold],
            under={name: tasks[task.fold] for name, tasks in under.items()},
            result=work(job) / f"fold-{task.fold:02d}.json",
        )
        for task in jobs.tasks(job)
    ]


def ask(one: Ask) -> None:
    """Ask the model under each condition: what a worker process does.

    WeightsError where it does not predict what the record says of the clips as they are.
    """
    with files.lock(one.result.with_suffix(".lock")):
        if one.result.is_file():
            return
        started, data = time.perf_counter(), _data(one, one.task)
        model = fit.fresh(one.task, data, one.facts.params, part=0)
        model_store.restore(model, model_store.state(one.home, model_store.read(one.home)))
        off = float(np.abs(_predicted(one, model, data, CLEAN) - one.recorded).max())
        if off > TOLERANCE:
            raise WeightsError(
                f"{one.home}: what is kept there differs from the record by up to {off:.3g} in probability, "
                "so it is not the record's model. Remove it and run the same command again."
            )
        found = {
            name: _predicted(one, model, _data(one, altered), name).tolist()
            for name, altered in one.under.items()
        }
        asked = Asked(largest=off, probabilities=found, seconds=time.perf_counter() - started)
        files.write(one.result, files.sealed(msgspec.json.encode(asked)))


def read(path: Path) -> Asked:
    """What the model of a fold has predicted; DataError where a byte of it has changed."""
    try:
        return msgspec.json.decode(files.unsealed(path.read_bytes()), type=Asked)
    except msgspec.DecodeError as error:
        raise DataError(f"{path}: damaged ({error}). Remove it and run the same command again.") from error


def work(job: Job) -> Path:
    """Where what the models of a job's folds predict is kept, apart from the folder that other runs sweep."""
    digest = canonical.digest([acoustic_conditions.digest(), *conditions()])[:12]
    return job.work.with_name(f"{job.work.name}-conditions-{digest}")


def _under(job: Job, inventories: Inventories) -> dict[str, dict[int, Task]]:
    """By condition, the folds of a job with the features of its clips under it."""
    found = {}
    for name in conditions():
        homes = tuple(feature_store.folders(*each) for each in features(job, inventories, name))
        found[name] = {task.fold: task for task in jobs.tasks(replace(job, features=homes))}
    return found


def _data(one: Ask, task: Task) -> Data:
    return fold_data.load(task, folds.load(task.protocol)).given(one.facts.params)


def _predicted(one: Ask, model: Model, data: Data, condition: str) -> np.ndarray:
    """Calibrated, rounded probabilities of the test clips, in the order of the record: (n, classes)."""
    raw = fit.tested(model, data, one.task.key)
    if not np.isfinite(raw).all():
        raise PluginError(f"{one.task.model}: its probabilities are not all finite ({condition}).")
    return calibration.calibrated(raw, one.facts.temperature).round(DECIMALS)
