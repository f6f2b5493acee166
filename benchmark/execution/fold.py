"""One outer fold of one model, from its search to its predictions: what a worker process does."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from benchmark.compute import energy
from benchmark.execution import fit, fold_data, fold_search
from benchmark.execution.fold_data import Data
from benchmark.execution.task import Task
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import DECIMALS, FoldFacts
from benchmark.scores import calibration
from benchmark.storage import files
from protocols import folds
from protocols.errors import DataError, PluginError


class FoldResult(Struct, kw_only=True):
    """A finished fold: facts for the record, and the test clips' calibrated, rounded probabilities."""

    facts: FoldFacts
    clips: list[str]
    probabilities: list[list[float]]
    seconds: float  # of this try, and of the trials that an interrupted one had finished
    joules: float | None = None  # of the machine; None: no meter, not alone, or interrupted


def run(task: Task, *, alone: bool = False) -> None:
    """Do the fold and put its result on disk; what an interrupted try has finished is not done again.

    `alone`: this run does no other fold beside it, so that what the machine uses is this one's.
    """
    if task.result.is_file():
        return
    with energy.metered(task.device) if alone else nullcontext() as meter:
        complete(task, lambda: fold_data.load(task, folds.load(task.protocol)), meter)


def complete(task: Task, loaded: Callable[[], Data], meter: energy.Meter | None = None) -> None:
    """Do the fold on the data that `loaded` gives: search unless there is a winner, fit, predict, write."""
    started = time.perf_counter()
    data = loaded()
    facts, earlier = (_refit_facts(task), 0.0) if task.winner else fold_search.search(task, data)
    context = fit.context(task, data, data.parts.development, part=0)
    model = fit.fresh(task, data, facts.params, part=0)
    model.fit(data.train(data.parts.development), None, epochs=facts.epochs, context=context)
    raw = fit.tested(model, data, task.key)
    if not np.isfinite(raw).all():
        raise PluginError(f"{task.model}: its probabilities for the test clips are not all finite.")
    probabilities = calibration.calibrated(raw, facts.temperature)
    result = FoldResult(
        facts=msgspec.structs.replace(facts, parameters=data.plugin.backend.parameters(model)),
        clips=[data.clips[row].clip for row in data.parts.test],
        probabilities=probabilities.round(DECIMALS).tolist(),
        seconds=earlier + time.perf_counter() - started,
        joules=meter.read() if meter and not earlier else None,
    )
    files.write(task.result, files.sealed(msgspec.json.encode(result)))


def read(path: Path) -> FoldResult:
    """A finished fold; DataError where a byte of it has changed."""
    try:
        return msgspec.json.decode(files.unsealed(path.read_bytes()), type=FoldResult)
    except msgspec.DecodeError as error:
        raise DataError(f"{path}: damaged ({error}). Remove it and run the same command again.") from error


def predictions(results: Sequence[FoldResult]) -> Predictions:
    """The predictions of finished folds for their test clips, as a record keeps them."""
    return Predictions(
        clips=[clip for result in results for clip in result.clips],
        folds=np.repeat([result.facts.fold for result in results], [len(result.clips) for result in results]),
        probabilities=np.concatenate([result.probabilities for result in results]),
    )


def _refit_facts(task: Task) -> FoldFacts:
    assert task.winner is not None
    return msgspec.structs.replace(task.winner, trials=[], curves=[], pooled=[], parameters=None)
