"""The cost of a model: around one whole predict call on 3 s of speech, and on 1 and 10 s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from benchmark.audio import synthesis
from benchmark.audio.reader import RATE
from benchmark.cost import count, front_end_costs
from benchmark.features import encoders, feature_store, front_ends, stack
from benchmark.models import backends, plugins
from benchmark.models.plugins import Plugin
from benchmark.records.schema import LENGTHS, OFFICIAL, Cost, Count
from protocols.contract import ENROLMENT, ClipBatch, Features, Model
from protocols.errors import PluginError, UnheardError

CLASSES = 7  # of a model that no corpus was named for


@cache
def speech(seconds: float) -> np.ndarray:
    """So much synthetic speech: (samples,) float32."""
    sentences = [
        synthesis.utter("cost", "female", "neutral", str(sentence), syllables=8)
        for sentence in range(round(seconds) + 1)  # a sentence takes more than a second
    ]
    return np.concatenate(sentences)[: round(seconds * RATE)]


def of(plugin: Plugin, model: Model, *, lengths: Sequence[float] = LENGTHS) -> Cost:
    """What a fitted model costs for clips of these seconds, OFFICIAL among them.

    PluginError where it computes what no table knows, and declares nothing.
    """
    declared = plugin.info.macs
    try:
        found = {seconds: _counted(plugin, model, seconds) for seconds in lengths}
    except PluginError as error:
        if declared is None:
            raise PluginError(f"{plugin.info.name}: {error}") from error
        found = dict.fromkeys(lengths)
    by: Any = plugin.backend.counted_by
    official = found[OFFICIAL]
    if official is None or (declared or 0) > count.total(official):  # its author knows of more
        by = "not counted" if declared is None else "declared"
        found = dict.fromkeys(lengths)
        if declared is not None:
            found[OFFICIAL] = {"declared": declared}
    frozen = front_end_costs.parameters(plugin.features)  # of 32 bits
    return Cost(
        by=by,
        counts=[_count(plugin, seconds, model) for seconds, model in found.items()],
        parameters=_sum(plugin.backend.parameters(model), frozen),
        weights=_sum(plugin.backend.weights(model), 4 * frozen),
        training=None,
    )


def untrained(plugin: Plugin, n_classes: int = CLASSES, *, params: Mapping[str, Any] | None = None) -> Model:
    """A model that costs what a trained one does: a network as it is built, any other fitted on noise."""
    params = dict(params or plugin.model.defaults)
    model = backends.make(plugin, n_classes, seed=0, device="cpu", params=params)

    def context() -> Mapping[str, Any]:
        return {"teacher": untrained(plugins.teacher_of(plugin), n_classes)} if plugin.teacher else {}

    plugin.backend.prepare(model, clips(plugin, OFFICIAL), n_classes, context)
    return model


def clips(plugin: Plugin, seconds: float) -> ClipBatch:
    """One clip of so much speech, as the model is given it; zeros, where an encoder's weights are absent."""
    if not stack.missing(plugin.features):
        return enrolled(plugin, feature_store.clips(plugin.features, [speech(seconds)]))
    arrays = [_without_weights(features, speech(seconds)) for features in plugin.features]
    return enrolled(plugin, ClipBatch([stack.joined(stack.names(plugin.features), arrays)]))


def enrolled(plugin: Plugin, clips: ClipBatch) -> ClipBatch:
    """With itself as the clips of its speaker, where the model itself uses any; to normalise is free."""
    if not plugin.enrolment or plugin.info.enrolment != "own":
        return clips
    number = max(map(int, ENROLMENT[:-1])) if plugin.enrolment == "all" else int(plugin.enrolment)
    return replace(clips, enrolment=[[clip] * number for clip in clips.inputs])


def _without_weights(features: Features, wave: np.ndarray) -> np.ndarray:
    """(frames, channels), zeros where the front end is an encoder whose weights are absent."""
    encoder = front_ends.encoder_of(features)
    if encoder and encoders.missing(encoder):
        return np.zeros(encoders.shape(encoder), np.float32)
    return front_ends.compute(features, wave)


@cache
def of_network(plugin: Plugin) -> Cost:
    """Of a network, before it is trained, for one clip; PluginError where it fails or cannot be counted."""
    with blamed(plugin):
        return of(plugin, untrained(plugin), lengths=(OFFICIAL,))


@contextmanager
def blamed(plugin: Plugin) -> Iterator[None]:
    """What goes wrong inside is the plugin's fault, and becomes a PluginError."""
    try:
        yield
    except UnheardError:
        raise
    except Exception as error:
        raise PluginError(
            f"{plugin.info.name}: it fails on a clip of speech: {type(error).__name__}: {error}"
        ) from error


def _counted(plugin: Plugin, model: Model, seconds: float) -> dict[str, int] | None:
    """By family; None where a model computes with something else than PyTorch and scikit-learn."""
    backend = plugin.backend
    if backend.counted_by != "fvcore":
        return backend.macs(model)
    clip = clips(plugin, seconds)
    counted = count.count(lambda: model.predict_proba(clip))
    if backend.is_network and backend.parameters(model) and not count.total(counted):
        raise PluginError(f"its network has weights, but PyTorch sees it compute nothing. {count.DECLARE}")
    return counted if count.total(counted) or backend.is_network else None


def _count(plugin: Plugin, seconds: float, found: dict[str, int] | None) -> Count:
    families = None if found is None else {name: n for name, n in found.items() if name != "norm"}
    return Count(
        seconds=seconds,
        used=max(front_ends.used(features, seconds) for features in plugin.features),
        front_end=front_end_costs.macs(plugin.features, len(speech(seconds))),
        model=families,
        norms=(found or {}).get("norm", 0),
    )


def _sum(own: int | None, frozen: int) -> int | None:
    return None if own is None else own + frozen
