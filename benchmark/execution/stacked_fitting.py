"""Does fits of networks side by side, as stacks, and writes what each has come to into the store of fits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
import optuna
import torch

from benchmark.compute import machine
from benchmark.execution import fit, fit_store, fitting, model_store, teacher_features
from benchmark.execution.fit_store import Progress
from benchmark.execution.open_fit import Open
from benchmark.execution.stacked_clips import StackedClips
from benchmark.models import plugins
from benchmark.training import inner_fits, numerics, stack_probe, study
from benchmark.training.inner_fits import InnerFit
from benchmark.training.stack import Fit, Stack
from protocols.contract import ClipBatch, FitInfo

DRAWS = 3  # of a plugin's parameters, with which its networks are tried in a stack


def do(ones: Sequence[Open], *, width: int, enough: Callable[[], bool] = lambda: False) -> None:
    """Take these fits, which are `alike`, to their goals, or until it is `enough`.

    A stack has `width` networks whatever there is to do, and repeats of a fit fill it up: in a stack of
    another width the last bits of a fit are others. Where the GPU's memory is too small for it, it has half
    as many. NotImplementedError, or whatever a plugin raises, where its networks do not stack.
    """
    for place in range(0, len(ones), width):
        some = ones[place : place + width]
        try:
            _train(some, width, enough)
        except torch.OutOfMemoryError:
            if width == 1:
                raise
            do(some, width=width // 2, enough=enough)


def _train(ones: Sequence[Open], width: int, enough: Callable[[], bool]) -> None:
    started = time.perf_counter()
    clips = StackedClips(ones)
    _refuse_unstackable(ones[0], clips.batch)
    numerics.prepare(ones[0].task.numerics)
    stack = _stack([*ones, *[ones[0]] * (width - len(ones))], clips)
    goal = max(one.goal for one in ones)
    while stack.epoch < goal and not enough():
        stack.train_epoch()
    answers = _answers(stack, ones, clips)
    seconds = (time.perf_counter() - started) / len(ones)
    for m, (one, own) in enumerate(zip(ones, answers, strict=False)):
        if found := _found(stack.info(m), one, own):
            fit_store.write(one.task, one.want, _progress(stack, m, one, found, seconds))


def _refuse_unstackable(one: Open, clips: ClipBatch) -> None:
    if one.task.numerics == "bf16":
        raise NotImplementedError("mixed precision is not stacked")
    if one.data.plugin.enrolment:  # which is drawn from the clips of each fit
        raise NotImplementedError("clips with enrolment are not the same in all fits")
    lengths = {len(clip) for source in (clips.inputs, *clips.copies) for clip in source}
    if clips.frames is None and len(lengths) > 1:
        # Beside a longer clip's, batch normalisation would see more padding than in a batch of its own.
        raise NotImplementedError("its clips differ in length, and its front end fixes none")
    frames, channels = clips.frames or lengths.pop(), clips.inputs[0].shape[1]
    if why := _reason_against(one.task.model, len(one.data.classes), frames, channels):
        raise NotImplementedError(why)


@cache
def _reason_against(reference: str, n_classes: int, frames: int, channels: int) -> str:
    plugin: Any = plugins.load(reference)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    draws = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    params = [plugin.params(draws.ask()) for _ in range(DRAWS)]
    return stack_probe.reason_against(plugin.model, n_classes, params, frames=frames, channels=channels)


def _stack(ones: Sequence[Open], clips: StackedClips) -> Stack:
    """The stack of these fits, as far as they are; a repeat is made once."""
    known: dict[int, Fit] = {}
    for one in ones:
        if id(one) not in known:
            known[id(one)] = _fit(one, clips)
    first, fits = ones[0], [known[id(one)] for one in ones]
    stack = Stack(first.plugin, len(first.data.classes), clips.batch, fits, device=first.task.device)
    if first.start:
        states = [model_store.decode(one.task.work, one.kept.state) for one in ones if one.kept]
        stack.resume(states, epoch=first.start)
    return stack


def _fit(one: Open, clips: StackedClips) -> Fit:
    train, asked = fitting.rows(one.data, one.want)
    return Fit(
        params=one.want.params,
        seed=study.seed_of(one.task.seed, one.task.fold, one.want.part),
        epochs=one.planned,
        train=clips.places(one, train),
        validation=clips.places(one, asked) if one.want.by_epoch else None,
        teacher=teacher_features.of(one, clips.batch, train),
    )


def _answers(stack: Stack, ones: Sequence[Open], clips: StackedClips) -> list[np.ndarray]:
    """What each network says now of the clips that its fit is asked about, (n, classes)."""
    rows = [clips.places(one, fitting.rows(one.data, one.want)[1]) for one in ones]
    return stack.predict([*rows, *rows[:1] * (len(stack.fits) - len(rows))])


def _found(info: FitInfo, one: Open, answers: np.ndarray) -> InnerFit | None:
    """What a fit has predicted in a stack; None where there was no time for it."""
    assert info.epochs is not None
    curves, last = fitting.curves(info), info.epochs
    if not one.want.by_epoch:
        return inner_fits.inner_fit(answers[np.newaxis], [last], curves) if last == one.planned else None
    asked = fitting.rows(one.data, one.want)[1]
    probabilities = fit.by_epoch(info, one.data, asked)
    if probabilities is None:
        return None
    return inner_fits.inner_fit(probabilities, range(one.start + 1, last + 1), curves)


def _progress(stack: Stack, m: int, one: Open, found: InnerFit, seconds: float) -> Progress:
    before, device, ended = one.kept, one.task.device, stack.epoch >= one.planned
    name = machine.gpu_name(device) if device.startswith("cuda") else device
    return Progress(
        fit=fitting.joined(before.fit if before else None, found),
        state=b"" if ended else model_store.encode(stack.checkpoint(m)),
        seconds=seconds + (before.seconds if before else 0),
        parameters=stack.network.weights.shape[1],
        where=f"{name}, stack of {len(stack.fits)}",
        weights=model_store.encode(stack.state(m)) if ended and one.want.weights else b"",
    )
