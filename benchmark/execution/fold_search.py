"""The search inside one outer fold: each trial is fitted on the inner folds."""

from __future__ import annotations

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
from benchmark.scores import calibration, metrics
from benchmark.storage import files
from benchmark.training import study


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
            files.write(kept, msgspec.json.encode(outcome))
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
    rows = np.concatenate([validation for _, validation in data.parts.inner])
    facts = FoldFacts(
        fold=task.fold,
        test=sorted({data.clips[row].speaker for row in data.parts.test}),
        params=winner.params,
        epochs=int(np.median(winner.epochs)) if winner.epochs else None,
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
    )
    return facts, earlier


def _begun(kept: Path, params: dict[str, Any]) -> study.Outcome:
    """A trial as an interrupted try left it, else one of which nothing is done."""
    with suppress(FileNotFoundError, msgspec.DecodeError):
        outcome = msgspec.json.decode(kept.read_bytes(), type=study.Outcome)
        if outcome.params == params:
            return outcome
    return study.Outcome(params=params, state="unfinished")


def _next_step(task: Task, data: Data, so_far: study.Outcome, prune: Any, *, minimise: bool) -> study.Outcome:
    """Fit on the next inner fold; predictions for the validation clips are pooled."""
    started = time.perf_counter()
    step, params = len(so_far.steps), so_far.params
    train, validation = data.parts.inner[step]
    context = fit.context(task, data, train, part=step + 1)
    model = fit.fresh(task, data, params, part=step + 1)
    info = model.fit(
        data.train(train), data.validation(validation), epochs=task.budget.epochs, context=context
    )
    raw = fit.predict(model, data, validation)
    if not np.isfinite(raw).all():
        seconds = so_far.seconds + time.perf_counter() - started
        return study.Outcome(params=params, state="failed", seconds=seconds)
    probabilities = so_far.probabilities + raw.round(6).tolist()
    truth = data.labels[np.concatenate([rows for _, rows in data.parts.inner[: step + 1]])]
    matrix = metrics.confusion(truth, metrics.predicted(np.array(probabilities)), len(data.classes))
    uar = round(float(metrics.uar(matrix)), 6)
    cross_entropy = round(metrics.cross_entropy(truth, np.array(probabilities)), 6)
    value = cross_entropy if minimise else uar
    if step + 1 == len(data.parts.inner):
        state = "complete"
    else:
        state = "pruned" if prune(step, value) else "unfinished"
    return study.Outcome(
        params=params,
        state=state,
        steps=[*so_far.steps, value],
        uar=uar,
        cross_entropy=cross_entropy,
        epochs=[*(so_far.epochs or []), info.epochs] if info.epochs else None,
        curves=[*so_far.curves, _kept(info.curves)],
        probabilities=probabilities,
        seconds=so_far.seconds + time.perf_counter() - started,
    )


def _kept(curves: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """As a record holds them: JSON knows no NaN, which a loss may become after the best epoch."""
    return {name: np.round(curve, 4).tolist() for name, curve in curves.items() if np.isfinite(curve).all()}
