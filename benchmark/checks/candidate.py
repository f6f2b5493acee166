"""A plugin as a subject: imported, its clips computed, its teacher fitted."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchmark.checks import example_clips
from benchmark.checks.effects import watched
from benchmark.checks.material import Material, copied
from benchmark.checks.subject import EPOCHS, Subject
from benchmark.models import backends, plugins
from benchmark.models.plugins import Plugin
from protocols.contract import Model
from protocols.errors import PluginError

# Some draw random numbers when they are first imported, which is no doing of the plugin that imports them.
LIBRARIES = ("torch", "optuna", "scipy.stats", "sklearn.ensemble", "sklearn.linear_model")


@dataclass(frozen=True, kw_only=True, eq=False)
class Candidate(Subject):
    """A subject that the engine's rules can judge too."""

    plugin: Plugin


@cache
def of(reference: str) -> Candidate:
    """Import the plugin, and compute its clips; PluginError or RegistryError where that cannot be."""
    return on(reference, None)


def on(reference: str, given: Material | None) -> Candidate:
    """The same on clips that another process has computed."""
    for library in LIBRARIES:
        importlib.import_module(library)
    with watched() as imported:
        plugin = plugins.load(reference)
    if plugin.missing:
        raise PluginError(f"{plugin.info.name} cannot run here: {plugin.missing}")
    clips = given or example_clips.make(plugin.features, each=plugin.backend.checking.clips_each)
    return Candidate(
        declared=plugin.model,
        make=lambda n_classes, seed: _make(plugin, n_classes, seed),
        material=clips,
        imported=imported,
        teach=cache(lambda n_classes: _teach(plugin, clips, n_classes)),
        plugin=plugin,
    )


def _make(plugin: Plugin, n_classes: int, seed: int) -> Model:
    return backends.make(plugin, n_classes, seed=seed, device="cpu", params=dict(plugin.model.defaults))


def _teach(plugin: Plugin, clips: Material, n_classes: int) -> Mapping[str, Any]:
    """The context of a fit: a teacher, fitted on the train clips for as short a time."""
    if not plugin.teacher:
        return {}
    teacher = _make(plugins.teacher_of(plugin), n_classes, 0)
    teacher.fit(copied(clips.train), None, epochs=EPOCHS)
    return {"teacher": teacher}
