"""One outer fold of one model, from its search to its predictions: what a worker process does."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path

import msgspec
import numpy as np
from msgspec import Struct

from benchmark.compute import energy
from benchmark.execution import environment, fitting, fold_data, fold_search
from benchmark.execution.fit_store import Want
from benchmark.execution.fold_data import Data
from benchmark.execution.task import Task
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import DECIMALS, Environment, FoldFacts
from benchmark.scores import calibration
from benchmark.storage import files
from benchmark.training import asking
from benchmark.training.asking import Asking
from benchmark.training.study import Outcome
from protocols import folds
from protocols.errors import DataError, PluginError


class FoldResult(Struct, kw_only=True):
    """A finished fold: facts for the record, and the test clips' calibrated, rounded probabilities."""

    facts: FoldFacts
    clips: list[str]
    probabilities: list[list[float]]
    seconds: float  # of work: of this try, or where some of it was done before, of all fits
    fitted: dict[str, int]  # how many fits, by where they were done
    joules: float | None = None  # of the machine; None: no meter, not alone, or interrupted
    environment: Environment | None = None  # of the worker, without the commit; None: an older engine's


def run(task: Task, *, alone: bool = False) -> None:
    """Do the fold and put its result on disk; what an interrupted try has finished is not done again.

    `alone`: this run does no other fold beside it, so that what the machine uses is this one's.
    """
    if task.result.is_file():
        return
    with energy.metered(task.device) if alone else nullcontext() as meter:
        complete(task, lambda: fold_data.load(task, folds.load(task.protocol)), meter)


def complete(task: Task, loaded: Callable[[], Data], meter: energy.Meter | None = None) -> None:
    """Do the fold on the data that `loaded` gives, all in this process, and write its result."""
    started = time.perf_counter()
    data = loaded()
    result = asking.finish(steps(task, data), lambda wants: fitting.do(task, data, wants))
    elapsed = time.perf_counter() - started
    anew = result.seconds <= elapsed  # nothing of it is older than this try
    result = msgspec.structs.replace(
        result,
        seconds=elapsed if anew else result.seconds,
        joules=meter.read() if meter and anew else None,
        environment=environment.environment(task.device, commit=False),
    )
    files.write(task.result, files.sealed(msgspec.json.encode(result)))


def steps(task: Task, data: Data) -> Asking[FoldResult]:
    """Search unless there is a winner, fit, predict. It asks for fits, by `Want`, and is sent `Progress`."""
    if task.winner:
        facts, outcomes = _refit_facts(task), list[Outcome]()
    else:
        facts, outcomes = yield from fold_search.search(task, data)
    [last] = yield [last_fit(task, facts)]
    [raw] = last.fit.probabilities.astype(np.float64)
    if not np.isfinite(raw).all():
        raise PluginError(f"{task.model}: its probabilities for the test clips are not all finite.")
    fitted = Counter({last.where: 1})
    for outcome in outcomes:
        fitted.update(outcome.fitted)
    return FoldResult(
        facts=msgspec.structs.replace(facts, parameters=last.parameters),
        clips=[data.clips[row].clip for row in data.parts.test],
        probabilities=calibration.calibrated(raw, facts.temperature).round(DECIMALS).tolist(),
        seconds=last.seconds + sum(outcome.seconds for outcome in outcomes),
        fitted=dict(fitted),
    )


def last_fit(task: Task, facts: FoldFacts) -> Want:
    """The fit of the winner on training and validation clips together."""
    return Want(params=facts.params, part=0, epochs=facts.epochs, by_epoch=False, weights=task.keep)


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
