"""The cost of a model: around one whole predict call on 3 s of speech, and on 1 and 10 s."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

import numpy as np

from benchmark.audio import synthesis
from benchmark.audio.reader import RATE
from benchmark.cost import count, estimators, front_end_costs
from benchmark.execution import fit
from benchmark.features import encoders, feature_store, front_ends
from benchmark.models import backends, plugins
from benchmark.models.plugins import Plugin
from benchmark.records.schema import LENGTHS, OFFICIAL, Cost, Count
from benchmark.training.trainer import Trainer
from protocols.contract import ClipBatch, Model, SklearnModel
from protocols.errors import PluginError, UnheardError

CLASSES = 7  # of a model that no corpus was named for
NOISE = 400  # clips that such an estimator is fitted on


@cache
def speech(seconds: float) -> np.ndarray:
    """So much synthetic speech: (samples,) float32."""
    said = [
        synthesis.utter("cost", "female", "neutral", str(sentence), syllables=8)
        for sentence in range(round(seconds) + 1)  # a sentence takes more than a second
    ]
    return np.concatenate(said)[: round(seconds * RATE)]


def of(plugin: Plugin, model: Model) -> Cost:
    """What a fitted model costs; PluginError where it computes what no table knows, and declares nothing."""
    declared = plugin.info.macs
    try:
        found = {seconds: _counted(plugin, model, seconds) for seconds in LENGTHS}
    except PluginError as error:
        if declared is None:
            raise PluginError(f"{plugin.info.name}: {error}") from error
        found = dict.fromkeys(LENGTHS)
    by: Any = "fitted shapes" if isinstance(model, SklearnModel) else "fvcore"
    official = found[OFFICIAL]
    if official is None or (declared or 0) > count.total(official):  # its author knows of more
        by = "not counted" if declared is None else "declared"
        found = dict.fromkeys(LENGTHS)
        if declared is not None:
            found[OFFICIAL] = {"declared": declared}
    encoder = front_ends.encoder_of(plugin.features)
    frozen = encoders.parameters(encoder) if encoder else 0  # of 32 bits
    return Cost(
        by=by,
        counts=[_count(plugin, seconds, model) for seconds, model in found.items()],
        parameters=_sum(fit.parameters(model), frozen),
        weights=_sum(_weights(model), 4 * frozen),
        training=None,
    )


def untrained(plugin: Plugin, n_classes: int = CLASSES, *, params: Mapping[str, Any] | None = None) -> Model:
    """A model that costs what a trained one does: a network as it is built, any other fitted on noise.

    How many support vectors an SVM has depends on what it is fitted on; on noise it has the most.
    """
    params = dict(params or plugin.model.defaults)
    model = backends.make(plugin, n_classes, seed=0, device="cpu", params=params)
    clip = clips(plugin, OFFICIAL)
    if isinstance(model, Trainer):
        model.build(clip.inputs[0].shape[1])
        return model
    rng = np.random.default_rng(0)
    n = NOISE if isinstance(model, SklearnModel) else 4 * n_classes
    noise = [rng.normal(size=clip.inputs[0].shape).astype(np.float32) for _ in range(n)]
    labels, speakers = np.arange(n) % n_classes, np.arange(n) % 4
    context = {"teacher": untrained(plugins.teacher_of(plugin), n_classes)} if plugin.teacher else {}
    model.fit(ClipBatch(noise, labels, speakers, frames=clip.frames), None, epochs=1, context=context)
    return model


def clips(plugin: Plugin, seconds: float) -> ClipBatch:
    """One clip of so much speech, as the model hears it; silence, where its encoder's weights are absent."""
    encoder = front_ends.encoder_of(plugin.features)
    if not encoder or not encoders.missing(encoder):
        return feature_store.clips(plugin.features, [speech(seconds)])
    return ClipBatch([np.zeros(_shape(encoder), np.float32)])


@cache
def _shape(encoder: str) -> tuple[int, ...]:
    """(frames, channels) of what an encoder gives, which is the same for every clip."""
    device = "cpu" if encoder == encoders.SPEAKER else "meta"
    return tuple(encoders.without_weights(encoder, RATE, device=device)().shape)


@cache
def of_network(plugin: Plugin) -> Cost:
    """Of a `TorchModel`, before it is trained; PluginError where its network fails or cannot be counted."""
    with blamed(plugin):
        return of(plugin, untrained(plugin))


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
    if isinstance(model, SklearnModel):
        if type(model).predict_proba is not SklearnModel.predict_proba:
            return None
        try:
            return {"linear": estimators.macs(model.fitted)}
        except LookupError:
            return None
    clip = clips(plugin, seconds)
    counted = count.count(lambda: model.predict_proba(clip))
    if isinstance(model, Trainer) and model.parameters and not count.total(counted):
        raise PluginError(f"its network has weights, but PyTorch sees it compute nothing. {count.DECLARE}")
    return counted if count.total(counted) or isinstance(model, Trainer) else None


def _count(plugin: Plugin, seconds: float, found: dict[str, int] | None) -> Count:
    families = None if found is None else {name: n for name, n in found.items() if name != "norm"}
    return Count(
        seconds=seconds,
        used=front_end_costs.heard(plugin.features, seconds),
        front_end=front_end_costs.macs(plugin.features, speech(seconds)),
        model=families,
        norms=(found or {}).get("norm", 0),
    )


def _sum(own: int | None, frozen: int) -> int | None:
    return None if own is None else own + frozen


def _weights(model: Model) -> int | None:
    if isinstance(model, SklearnModel):
        return estimators.weights(model.fitted)
    if isinstance(model, Trainer):  # a weight under two names counts once
        tensors = (*model.network.parameters(), *model.network.buffers())
        return sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    state = getattr(model, "state", None)
    return sum(array.nbytes for array in state().values()) if callable(state) else None
