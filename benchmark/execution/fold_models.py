"""Kept fold models: the last fit of each fold of a record, to be asked again under other conditions."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from benchmark.execution import (
    final_models,
    fit,
    fitting,
    fold,
    fold_data,
    jobs,
    model_card,
    model_store,
    prediction,
    record_key,
)
from benchmark.execution.jobs import Job
from benchmark.execution.model_card import Card
from benchmark.execution.model_store import TOLERANCE
from benchmark.execution.task import Task
from benchmark.models import plugins
from benchmark.records import prediction_table, record_files
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import FoldFacts, Record
from benchmark.scores import calibration, metrics
from benchmark.storage import files
from benchmark.training import study
from protocols import folds
from protocols.contract import ClipBatch, Model
from protocols.errors import PluginError, WeightsError


@dataclass(frozen=True, kw_only=True, eq=False)
class Keep:
    """A fold's model to keep. Plain data: a worker looks up model and features by itself."""

    task: Task
    facts: FoldFacts  # what the record says of the fold
    card: Card  # as it will be, but for the UAR
    record: Path

    @property
    def home(self) -> Path:
        """Where it is kept."""
        return _home(self.card, self.task.fold)


@dataclass(frozen=True, kw_only=True, eq=False)
class FoldModel:
    """The model of one fold of a record, as it predicted its test clips."""

    fold: int
    model: Model
    card: Card
    clips: list[str]  # the test clips, in the order of the record's predictions

    def probabilities(self, clips: ClipBatch) -> np.ndarray:
        """(n, classes), calibrated and rounded as in the record; WeightsError where they are not finite."""
        return prediction.probabilities(self.model, self.card, clips)


def ready(job: Job) -> bool:
    """Whether the records are there that decide the models: its own, its teacher's and its leader's."""
    return final_models.ready(job) and (not job.seed or jobs.led(job))


def missing(job: Job) -> list[int]:
    """The folds whose models are not kept."""
    key = record_key.of_whole(job.key)
    return [number for number in job.folds if not model_store.kept(home(job, number), key)]


def home(job: Job, number: int) -> Path:
    """Where the model of a fold is kept."""
    return model_store.fold_home(job.board, job.protocol.name, job.plugin.info.name, job.key, number)


def of(job: Job) -> list[Keep]:
    """What is to be kept of a job that is ready."""
    record = record_files.read(job.record)
    facts, wanted = {each.fold: each for each in record.folds}, missing(job)
    return [
        Keep(
            task=task,
            facts=facts[task.fold],
            card=_card(job, record, facts[task.fold]),
            record=job.record,
        )
        for task in jobs.tasks(job)
        if task.fold in wanted
    ]


def keep(wanted: Keep) -> None:
    """Keep the model, fitted once more where its weights are gone: what a worker process does.

    WeightsError where it does not predict what the record says.
    """
    task, facts = wanted.task, wanted.facts
    with files.lock(wanted.home.with_suffix(".lock")):
        if model_store.kept(wanted.home, wanted.card.key):
            return
        data = fold_data.load(task, folds.load(task.protocol)).given(facts.params)
        [last] = fitting.do(task, data, [fold.last_fit(task, facts)])
        if not last.weights:
            raise PluginError(f"{task.model}: its `state` gives no arrays, see `check`.")
        state = model_store.decode(wanted.home, last.weights)
        model = fit.fresh(task, data, facts.params, part=0)
        model_store.restore(model, state)
        predicted = calibration.calibrated(fit.tested(model, data, task.key), facts.temperature)
        _refuse_other(predicted, wanted)
        labels, classes = data.labels[data.parts.test], len(data.classes)
        uar = metrics.uar(metrics.confusion(labels, metrics.predicted(predicted), classes))
        model_store.save(wanted.home, state, msgspec.structs.replace(wanted.card, uar=float(uar)))


def load(path: Path, *, reference: str = "", device: str = "cpu") -> Iterator[FoldModel]:
    """The models of the folds of the record at a path, one after another.

    `reference`: of the model, where it is a file. WeightsError, with the command that makes them, where one
    is not kept, damaged, or not of today's code.
    """
    record = record_files.read(path)
    plugin = plugins.load(reference or record.model.name)
    predictions = _predictions(path, record)
    for facts in record.folds:
        number, place = facts.fold, (record.board, record.protocol.name, record.model.name)
        try:
            folder = model_store.fold_home(*place, record.key, number)
            card, model = model_store.opened(folder, plugin, record.labels, device=device)
            if card.key != record_key.of_whole(record.key):
                raise WeightsError(f"{folder}: is the model of a record with another key.")
        except WeightsError as error:
            raise WeightsError(
                f"{path}: the model of its fold {number} cannot be used: {error}\nTo keep it, with the "
                "record's --results and budget:\n  python -m benchmark run --keep-models "
                f"--model {shlex.quote(plugin.reference)} --protocol {record.protocol.name}"
            ) from error
        yield FoldModel(fold=number, model=model, card=card, clips=_of_fold(predictions, number)[0])


def _card(job: Job, record: Record, facts: FoldFacts) -> Card:
    return msgspec.structs.replace(
        final_models.card(job, record),
        params=facts.params,
        epochs=facts.epochs,
        temperature=facts.temperature,
        seed=study.seed_of(job.seed, facts.fold, 0),
        key=record_key.of_whole(record.key),
        fold=facts.fold,
        warning=model_card.OF_A_FOLD,
        seconds=None,
    )


def _home(card: Card, number: int) -> Path:
    return model_store.fold_home(card.board, card.protocol.name, card.model.name, card.key, number)


def _refuse_other(predicted: np.ndarray, wanted: Keep) -> None:
    record = record_files.read(wanted.record)
    recorded = _of_fold(_predictions(wanted.record, record), wanted.task.fold)[1]
    if not (off := float(np.abs(predicted - recorded).max())) <= TOLERANCE:  # NaN is not
        raise WeightsError(
            f"fitted again, it differs from {wanted.record} by up to {off:.3g} in probability, so it is not "
            "the record's model and is not kept. Was the record made on another machine? Keep them there."
        )


def _predictions(path: Path, record: Record) -> Predictions:
    return prediction_table.read(record_files.predictions_place(path), record.labels)[0]


def _of_fold(predictions: Predictions, number: int) -> tuple[list[str], np.ndarray]:
    """Its test clips, in the manifest's order, and their probabilities."""
    rows = np.flatnonzero(predictions.folds == number)
    return [predictions.clips[row] for row in rows], predictions.probabilities[rows]
