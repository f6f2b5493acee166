"""Does the fits that a search and a fold ask for, one after another, in this process."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress

import numpy as np

from benchmark.execution import fit, fit_store, model_store
from benchmark.execution.fit_store import Progress, Want
from benchmark.execution.fold_data import Data
from benchmark.execution.task import Task
from benchmark.training import inner_fits
from benchmark.training.inner_fits import InnerFit
from protocols.contract import FitInfo, Model


def do(task: Task, data: Data, wants: Sequence[Want]) -> list[Progress]:
    """Each fit as far as it is wanted, or farther; what was done before is not done again."""
    return [_one(task, data, want) for want in wants]


def _one(task: Task, data: Data, want: Want) -> Progress:
    kept = fit_store.read(task, want)
    if kept is not None and kept.reaches(want):
        return kept
    if kept is not None and not kept.state:  # it has ended, without the weights that are wanted
        kept = None
    started, data = time.perf_counter(), data.given(want.params)
    train, asked = rows(data, want)
    model = fit.fresh(task, data, want.params, part=want.part)
    context = fit.context(task, data, train, part=want.part)
    state = b""
    if want.until is not None:  # it can stop on the way: the engine trains it
        training = model.begin(data.train(train), epochs=want.epochs, context=context)  # type: ignore[attr-defined]
        if kept:
            training.resume(model_store.decode(task.work, kept.state), epoch=len(kept.fit.epochs))
        training.advance(want.until, data.validation(asked))
        info = training.info
        if want.until < training.epochs:
            state = model_store.encode(training.state())
    else:
        judged = data.validation(asked) if want.by_epoch else None
        info = model.fit(data.train(train), judged, epochs=want.epochs, context=context)
    progress = Progress(
        fit=joined(kept.fit if kept else None, _predicted(task, data, want, model, info, asked)),
        state=state,
        seconds=time.perf_counter() - started + (kept.seconds if kept else 0),
        parameters=data.plugin.backend.parameters(model),
        where=task.device,
        weights=_weights(model) if want.weights else b"",
    )
    fit_store.write(task, want, progress)
    return progress


def _weights(model: Model) -> bytes:
    """None where the model cannot give them: no fit that has ended is lost for that."""
    with suppress(Exception):
        return model_store.encode(model.state())  # type: ignore[attr-defined]
    return b""


def rows(data: Data, want: Want) -> tuple[np.ndarray, np.ndarray]:
    """The clips that a fit trains on, and those that it predicts."""
    return data.parts.inner[want.part - 1] if want.part else (data.parts.development, data.parts.test)


def _predicted(
    task: Task, data: Data, want: Want, model: Model, info: FitInfo, asked: np.ndarray
) -> InnerFit:
    by_epoch = fit.by_epoch(info, data, asked) if want.by_epoch else None
    if by_epoch is not None:
        last = info.epochs if want.until is not None and info.epochs else len(by_epoch)
        return inner_fits.inner_fit(by_epoch, range(last - len(by_epoch) + 1, last + 1), curves(info))
    once = fit.predict(model, data, asked) if want.part else fit.tested(model, data, task.key)
    own = info.epochs if want.by_epoch else want.epochs
    return inner_fits.inner_fit(once[np.newaxis], [int(own)] if own else [], curves(info))


def joined(before: InnerFit | None, after: InnerFit) -> InnerFit:
    """What a fit has predicted before a stop and after it."""
    if before is None:
        return after
    curves = {
        name: [*before.curves.get(name, []), *curve]
        for name, curve in after.curves.items()
        if len(before.curves.get(name, [])) == len(before.epochs)
    }
    both = np.concatenate([before.probabilities, after.probabilities])
    return inner_fits.inner_fit(both, [*before.epochs, *after.epochs], curves)


def curves(info: FitInfo) -> dict[str, list[float]]:
    """As a record holds them: JSON knows no NaN, which a loss may become in late epochs."""
    return {
        name: np.round(curve, 4).tolist() for name, curve in info.curves.items() if np.isfinite(curve).all()
    }
