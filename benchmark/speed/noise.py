"""Clips of noise, shaped as a model's front end shapes 3 s of speech: a fit's time depends on no more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np

from benchmark.cost import measure
from benchmark.features import feature_store
from benchmark.models.plugins import Plugin
from benchmark.records.schema import OFFICIAL
from protocols.contract import ClipBatch, Recipe, TorchModel

CLIPS, CLASSES, EPOCHS = 32, 7, 2  # of each fit


def networks(plugins: Sequence[Plugin]) -> list[Plugin]:
    """Those of the models that the engine trains, without those that another one teaches."""
    return [plugin for plugin in plugins if plugin.backend.is_network and not plugin.teacher]


def clips(plugin: Plugin) -> ClipBatch:
    """As many for each plugin, the classes in turn."""
    speech = feature_store.clips(plugin.features, [measure.speech(OFFICIAL)])
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=speech.inputs[0].shape).astype(np.float32) for _ in range(CLIPS)]
    return ClipBatch(inputs, np.arange(CLIPS) % CLASSES, frames=speech.frames)


def network_class(plugin: Plugin) -> type[TorchModel]:
    """What the plugin of one of `networks` declares."""
    return cast("type[TorchModel]", plugin.model)


def recipe(plugin: Plugin) -> Recipe:
    """By its defaults."""
    return network_class(plugin).recipe(plugin.model.defaults)
