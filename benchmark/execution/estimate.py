"""What a run asks for, how much of it is there already, and how long the rest takes on this machine.

A try of each front end and each model tells: fits of a few clips of noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from benchmark.audio import reader, synthesis
from benchmark.corpora.inventory import Inventory
from benchmark.execution import workload
from benchmark.execution.jobs import Job
from benchmark.features import feature_store, front_ends
from benchmark.features.stack import Stack
from benchmark.models import backends, plugins
from benchmark.models.plugins import Plugin
from benchmark.storage import canonical
from protocols.contract import ClipBatch, Features

ROWS, CLASSES, SPEAKERS = 14, 7, 2  # of the noise that a probe fits a model on
Probe = Callable[[Plugin, str], float | None]
T = TypeVar("T")
Call = Callable[[Callable[[T], float | None], T], float | None]  # (function, argument) -> what it gives


def _here(function: Callable[[T], float | None], argument: T) -> float | None:
    return function(argument)


@dataclass(frozen=True)
class Estimate:
    """Of the records that are to be made."""

    fits: int
    found: int  # of them, in the store of fits
    hours: float | None  # of the others, on so many workers; None where that cannot be tried here
    untried: tuple[str, ...]  # models that could not be tried, and are not in the hours


def of(
    todo: Sequence[Job],
    features: Sequence[tuple[Stack, Inventory]],
    *,
    size: int,
    probe: Probe | None = None,
    call: Call[Any] = _here,
) -> Estimate:
    """Of these jobs, and of the features that they need, on `size` workers.

    `call` is how front ends and models are tried: here, or in a worker process.
    """
    seconds: dict[str, float | None] = {}
    fits, found, work = 0, 0, feature_seconds(features, call=call)
    for together in workload.families(todo):
        asked = [workload.of(job, fold) for job in together for fold in job.folds]
        wanted, learning = sum(one.fits for one in asked), sum(one.learning for one in asked)
        there = min(workload.there(together), wanted)
        fits, found, plugin = fits + wanted, found + there, together[0].plugin
        if there < wanted:
            name = plugin.info.name
            if name not in seconds:
                where = together[0].device
                seconds[name] = probe(plugin, where) if probe else _fit(call, plugin, where)
            work += learning * (1 - there / wanted) * (seconds[name] or 0.0)
    untried = tuple(name for name, each in seconds.items() if each is None)
    hours = None if untried and len(untried) == len(seconds) else work / size / 3600
    return Estimate(fits, found, hours, untried)


def _fit(call: Call[tuple[str, str]], plugin: Plugin, device: str) -> float | None:
    with suppress(BrokenProcessPool):  # a fit that ends its process
        return call(_of_reference, (plugin.reference, device))
    return None


def _of_reference(wanted: tuple[str, str]) -> float | None:
    """What a worker does for `clip_seconds`: it imports the model by itself."""
    reference, device = wanted
    return clip_seconds(plugins.load(reference), device)


def feature_seconds(wanted: Sequence[tuple[Stack, Inventory]], *, call: Call[Features] = _here) -> float:
    """What it takes to compute what is not there yet of these features; to alter clips is left out."""
    total, tried = 0.0, dict[str, float]()
    for source in feature_store.missing(wanted).values():
        name = canonical.line(front_ends.resolved(source.features))
        if name not in tried:
            with suppress(BrokenProcessPool):
                tried[name] = call(_try, source.features) or 0.0
        total += tried.get(name, 0.0) * sum(source.inventory.seconds[clip] for clip in source.inventory.files)
    return total


def _try(features: Features) -> float:
    """Seconds for a second of speech; 0 where it fails, which the run will say."""
    took, speech = 0.0, synthesis.utter("estimate", "female", "neutral", "", syllables=12)
    with suppress(Exception):
        for _ in range(2):  # the first warms up
            started = time.perf_counter()
            front_ends.compute(features, speech)
            took = time.perf_counter() - started
    return took / (len(speech) / reader.RATE)


def clip_seconds(plugin: Plugin, device: str) -> float | None:
    """What a fit takes for one row and one epoch, tried with noise; None where that fails, or means nothing.

    On a GPU, where networks are trained as stacks, a fit by itself would tell nothing of them.
    """
    if device.startswith("cuda") and plugin.backend.is_network:
        return None
    with suppress(Exception):  # a plugin's own, or a library that is absent: the run will say why
        batch, context = _noise(plugin), _context(plugin)
        for _ in range(2):  # the first warms up
            params = dict(plugin.model.defaults)
            model = backends.make(plugin, CLASSES, seed=0, device=device, params=params)
            started = time.perf_counter()
            model.fit(batch, None, epochs=1, context=context)
            took = time.perf_counter() - started
        return took / (len(batch) * plugin.rows(params))
    return None


def _context(plugin: Plugin) -> Mapping[str, Any]:
    from benchmark.cost import measure  # which imports torch

    return {"teacher": measure.untrained(plugins.teacher_of(plugin))} if plugin.teacher else {}


def _noise(plugin: Plugin) -> ClipBatch:
    """Shaped as the model's front ends shape 3 s of speech."""
    from benchmark.cost import measure
    from benchmark.records.schema import OFFICIAL

    clip, rng = measure.clips(plugin, OFFICIAL), np.random.default_rng(0)
    numbers = np.arange(max(1, ROWS // plugin.rows(plugin.model.defaults)))
    inputs = [rng.normal(size=clip.inputs[0].shape).astype(np.float32) for _ in numbers]
    copies = [inputs] * plugin.features[0].copies
    return ClipBatch(inputs, numbers % CLASSES, numbers % SPEAKERS, frames=clip.frames, copies=copies)
