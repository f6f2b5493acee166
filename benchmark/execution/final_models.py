"""The final model: fitted on all speakers of a protocol's corpora, with the medians of its folds' searches.

It is for use, not for a table: no speaker is left to test it on.
"""

from __future__ import annotations

import contextlib
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmark.execution import environment, fold_data, jobs, model_card, model_store
from benchmark.execution.jobs import Job
from benchmark.execution.model_card import Card
from benchmark.execution.task import Task
from benchmark.features import familiarity
from benchmark.models import backends, plugins
from benchmark.models.plugins import Plugin
from benchmark.records import record_files
from benchmark.records.schema import Record
from benchmark.storage import files
from benchmark.training import study
from protocols import folds
from protocols.contract import Model
from protocols.errors import WeightsError


@dataclass(frozen=True, kw_only=True, eq=False)
class Final:
    """One final model to fit. Plain data: a worker looks up model and features by itself."""

    task: Task  # a fold's, for where model, protocol and features are
    card: Card
    teacher: Final | None = None

    @property
    def home(self) -> Path:
        """Where it is kept."""
        card = self.card
        return model_store.home(card.board, card.protocol.name, card.model.name, card.key["budget"])


def keepable(plugin: Plugin) -> bool:
    """Whether the model can give its state and take it again."""
    return plugin.backend.keepable(plugin.model)


def kept(job: Job) -> bool:
    """Whether the final model that follows from this job's record is there."""
    home = model_store.home(job.board, job.protocol.name, job.plugin.info.name, job.key["budget"])
    return model_store.kept(home, job.key)


def ready(job: Job) -> bool:
    """Whether the records that decide the final model are there: its own, and its teacher's."""
    return jobs.finished(job) and (job.teacher is None or ready(job.teacher))


def of(job: Job) -> Final:
    """What the finished record of a job at seed 0, and its teacher's, decide."""
    record = record_files.read(job.record)
    return Final(
        task=jobs.tasks(job)[0],
        card=card(job, record),
        teacher=of(job.teacher) if job.teacher else None,
    )


def fit(final: Final) -> None:
    """Fit the model and keep it, unless it is kept already: what a worker process does."""
    fitted(final)


def fitted(final: Final) -> Model:
    """The final model: read where it is kept, else fitted, after its teacher, and kept."""
    with files.lock(final.home.with_suffix(".lock")):  # two students may want one teacher
        if model_store.kept(final.home, final.card.key):
            with contextlib.suppress(WeightsError):  # it is fitted again
                model = _fresh(final)
                model_store.restore(model, model_store.state(final.home, model_store.read(final.home)))
                return model
        context = {"teacher": fitted(final.teacher)} if final.teacher else {}
        data = fold_data.load(final.task, folds.load(final.task.protocol)).given(final.card.params)
        clips = data.train(np.arange(len(data.clips)))
        familiar = familiarity.of(clips.inputs)  # before the fit, which may do with them what it likes
        model = _fresh(final)
        model.fit(clips, None, epochs=final.card.epochs, context=context)
        if keepable(plugins.load(final.task.model)):
            state = model.state()  # type: ignore[attr-defined]
            model_store.restore(_fresh(final), state)  # what could not be loaded again is not kept
            model_store.save(final.home, state, msgspec.structs.replace(final.card, familiar=familiar))
    return model


def typical(values: Sequence[Any], *, categorical: bool = False, log: bool = False) -> Any:
    """The median of numbers (of whole ones the lower, so that it is one of them); else the most frequent.

    With `log`, the middle of two numbers is their geometric mean.

    The earliest of the most frequent, where several are. Numbers that are a choice among a few are names.
    """
    if categorical or any(type(value) not in (int, float) for value in values):
        return max(values, key=values.count)
    whole = all(type(value) is int for value in values)
    if whole:
        return statistics.median_low(values)
    return math.exp(statistics.median(map(math.log, values))) if log else statistics.median(values)


def params(record: Record) -> dict[str, Any]:
    """The medians of the folds' winners."""

    def median(name: str) -> Any:
        searched = record.space.get(name, {})
        return typical(
            [facts.params[name] for facts in record.folds],
            categorical=searched.get("name") == "CategoricalDistribution",
            log=searched.get("attributes", {}).get("log", False),
        )

    return {name: median(name) for name in record.folds[0].params}


def card(job: Job, record: Record) -> Card:
    """What the final model of a job with this record will be."""
    epochs = [facts.epochs for facts in record.folds if facts.epochs is not None]
    return Card(
        schema=model_card.SCHEMA,
        board=record.board,
        model=record.model,
        protocol=record.protocol,
        corpora=record.corpora,
        labels=record.labels,
        params=params(record),
        epochs=int(np.median(epochs)) if epochs else None,
        temperature=round(float(np.median([facts.temperature for facts in record.folds])), 4),
        seed=study.seed_of(0, len(job.protocol.folds), 0),
        teacher=job.teacher.key["model"] if job.teacher else "",
        features=record.features,
        key=record.key,
        uar=record.scores.uar,
        versions=environment.VERSIONS,
        warning=model_card.WARNING,
        seconds=job.seconds,
    )


def _fresh(final: Final) -> Model:
    """Before its fit."""
    card = final.card
    plugin = plugins.load(final.task.model)
    return backends.make(
        plugin,
        len(card.labels),
        seed=card.seed,
        device=final.task.device,
        params=dict(card.params),
        numerics=final.task.numerics,
    )
