"""The search inside one outer fold: each trial is fitted on the inner folds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmark.execution import fit
from benchmark.execution.fold_data import Data
from benchmark.execution.task import Task
from benchmark.records.schema import FoldFacts, Trial
from benchmark.scores import calibration
from benchmark.storage import files
from benchmark.training import inner_fits, study
from benchmark.training.inner_fits import InnerFit


def search(task: Task, data: Data) -> tuple[FoldFacts, float]:
    """The winner, and the seconds of what an interrupted try had finished."""
    earlier = 0.0
    minimise = data.protocol.objective == "cross-entropy"

    def evaluate(trial: study.Asked) -> study.Outcome:
        nonlocal earlier
        kept = task.work / f"fold-{task.fold:02d}" / f"trial-{trial.number:03d}.json"
        outcome = _begun(kept, trial.params)
        earlier += outcome.seconds
        for step, value in enumerate(outcome.steps):
            trial.prune(step, value)  # the pruner judges by all of a trial's values
        while outcome.state == "unfinished":
            outcome = _next_step(task, data, outcome, trial.prune, minimise=minimise)
            files.write(kept, files.sealed(msgspec.json.encode(outcome)))
        return outcome

    outcomes = study.search(
        data.plugin,
        lambda trials: list(map(evaluate, trials)),
        trials=task.budget.trials,
        seed=task.seed,
        fold=task.fold,
        minimise=minimise,
    )
    winner = study.best(outcomes, minimise=minimise)
    return _facts(task, data, outcomes, winner), earlier


def _facts(task: Task, data: Data, outcomes: Sequence[study.Outcome], winner: study.Outcome) -> FoldFacts:
    rows = np.concatenate([validation for _, validation in data.parts.inner])
    return FoldFacts(
        fold=task.fold,
        test=sorted({data.clips[row].speaker for row in data.parts.test}),
        params=winner.params,
        epochs=winner.epochs[0] if winner.epochs else None,
        temperature=calibration.temperature(data.labels[rows], np.array(winner.probabilities)),
        parameters=None,
        trials=[
            Trial(
                params=outcome.params,
                state=outcome.state,  # type: ignore[arg-type]
                uar=outcome.uar,
                cross_entropy=outcome.cross_entropy,
                epochs=outcome.epochs,
            )
            for outcome in outcomes
        ],
        curves=winner.curves,
        pooled=winner.pooled,
        inner_uar=winner.uar,
    )


def _begun(kept: Path, params: dict[str, Any]) -> study.Outcome:
    """A trial as an interrupted try left it, else one of which nothing is done."""
    with suppress(FileNotFoundError, msgspec.DecodeError):
        outcome = msgspec.json.decode(files.unsealed(kept.read_bytes()), type=study.Outcome)
        if outcome.params == params:
            return outcome
    return study.Outcome(params=params, state="unfinished")


def _next_step(task: Task, data: Data, so_far: study.Outcome, prune: Any, *, minimise: bool) -> study.Outcome:
    """Fit on the next inner fold, and score it together with those before."""
    started = time.perf_counter()
    step, params = len(so_far.fits), so_far.params
    fits = [*so_far.fits, _inner_fit(task, data, params, step)]
    whole = len(fits) == len(data.parts.inner)
    if whole:
        fits = _at_one_epoch(task, data, params, fits)
    truth = data.labels[np.concatenate([rows for _, rows in data.parts.inner[: step + 1]])]
    score = inner_fits.score(fits, truth, minimise=minimise)
    seconds = so_far.seconds + time.perf_counter() - started
    if score is None:
        return study.Outcome(params=params, state="failed", seconds=seconds)
    value = score.cross_entropy if minimise else score.uar
    state = "complete" if whole else "pruned" if prune(step, value) else "unfinished"
    return study.Outcome(
        params=params,
        state=state,
        steps=[*so_far.steps, value],
        uar=score.uar,
        cross_entropy=score.cross_entropy,
        epochs=None if score.epoch is None else [score.epoch] * len(fits),
        curves=[each.curves for each in fits],
        pooled=score.curve,
        probabilities=score.probabilities.round(6).tolist(),
        fits=fits if state == "unfinished" else [],
        seconds=seconds,
    )


def _inner_fit(
    task: Task, data: Data, params: dict[str, Any], step: int, *, exactly: int | None = None
) -> InnerFit:
    """What one inner fold's fit predicts for its validation clips; `exactly`: without them, for so long."""
    train, validation = data.parts.inner[step]
    context = fit.context(task, data, train, part=step + 1)
    model = fit.fresh(task, data, params, part=step + 1)
    judged = data.validation(validation) if exactly is None else None
    info = model.fit(data.train(train), judged, epochs=exactly or task.budget.epochs, context=context)
    by_epoch = fit.by_epoch(info, data, validation) if exactly is None else None
    if by_epoch is not None:
        return inner_fits.inner_fit(by_epoch, range(1, len(by_epoch) + 1), _kept(info.curves))
    once, own = fit.predict(model, data, validation), exactly or info.epochs
    return inner_fits.inner_fit(once[np.newaxis], [int(own)] if own else [], _kept(info.curves))


def _at_one_epoch(task: Task, data: Data, params: dict[str, Any], fits: Sequence[InnerFit]) -> list[InnerFit]:
    """Where each kept an epoch of its own, without the predictions of others: again, for their median."""
    own = [each.epochs[-1] for each in fits if each.epochs]
    if not own or inner_fits.shared_epochs(fits):
        return list(fits)
    epoch = statistics.median_low(own)
    return [
        each if each.epochs == [epoch] else _inner_fit(task, data, params, step, exactly=epoch)
        for step, each in enumerate(fits)
    ]


def _kept(curves: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """As a record holds them: JSON knows no NaN, which a loss may become in late epochs."""
    return {name: np.round(curve, 4).tolist() for name, curve in curves.items() if np.isfinite(curve).all()}
