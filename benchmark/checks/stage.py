"""A plugin in the process that runs its code: what the judge asks for is done here, and nothing is judged."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict
from functools import cache
from typing import Any

import numpy as np
import optuna
import safetensors.numpy

from benchmark.checks import bait, crash, example_clips, messages
from benchmark.checks.effects import watched
from benchmark.checks.material import Material
from benchmark.checks.rule import METHODS
from benchmark.checks.subject import EPOCHS, Facts
from benchmark.cost import measure
from benchmark.execution import final_models, model_store
from benchmark.features import enrolment
from benchmark.models import backends, field_types, plugins
from benchmark.models.plugins import Plugin
from protocols.contract import ClipBatch, FitInfo, Model
from protocols.errors import PluginError

# Some draw random numbers when they are first imported, which is no doing of the plugin that imports them.
LIBRARIES = ("torch", "optuna", "scipy.stats", "sklearn.ensemble", "sklearn.linear_model")
TRAINERS = ("torch._inductor.config", "benchmark.training.trainer")  # likewise, where the engine trains
DRAWS = 5  # settings drawn from the search space

Message = Mapping[str, Any]


class Stage:
    """Answers requests: `{"do": name, **what it is given}`, the name of a method below."""

    plugin: Plugin
    clips: Material

    def __init__(self) -> None:
        self.models: list[Model] = []  # a model is known to the judge by its place here
        self.reference = ""
        self.teacher = cache(self._teacher)

    def answer(self, request: bytes) -> bytes:
        """What came of a request, or what the plugin has raised, even SystemExit."""
        given = messages.decode(request)
        try:
            return messages.encode({"came": getattr(self, f"do_{given.pop('do')}")(**given)})
        except BaseException as error:
            file = crash.source(self.plugin.model) if hasattr(self, "plugin") else self.reference
            return messages.encode({"crash": crash.described(error, file)})

    def do_load(self, *, reference: str) -> Message:
        """Import the plugin, and compute its clips."""
        self.reference = reference
        for library in LIBRARIES:
            importlib.import_module(library)
        with watched() as imported:
            plugin = plugins.load(reference)
            for variant in plugin.variants:
                plugins.load(f"{enrolment.parted(reference)[0]}~{variant}")
        if plugin.missing:
            raise PluginError(f"{plugin.info.name} cannot run here: {plugin.missing}")
        if plugin.backend.is_network:
            for library in TRAINERS:
                importlib.import_module(library)
        self.plugin = plugin
        self.clips = example_clips.make(
            plugin.features, each=plugin.backend.checking.clips_each, enrolment=plugin.enrolment
        )
        parts = {name: getattr(self.clips, name) for name in ("train", "validation", "test")}
        return {
            "facts": _facts(plugin, self.clips),
            "imported": asdict(imported),
            "parts": {name: messages.packed(clips) for name, clips in parts.items()},
            "odd": {name: messages.packed(clips) for name, clips in self.clips.odd.items()},
        }

    def do_fit(
        self,
        *,
        train: Message,
        validation: Message | None,
        n_classes: int,
        epochs: int | None,
        seed: int = 0,
        report: bool = False,  # whether there is a function to report to
        watch: bool = False,
        then: Message | None = None,  # test clips to predict; all clips are read-only, and come back
    ) -> Message:
        """Fit a fresh model."""
        context = self.teacher(n_classes)  # a teacher's effects are not this model's
        clips = {"train": messages.clips(train)}
        clips |= {"validation": messages.clips(validation)} if validation else {}
        if then:
            clips["test"] = messages.clips(then)
            _lock(clips.values())
        with watched() if watch else nullcontext() as effects:
            model = self._make(n_classes, seed)
            info = model.fit(
                clips["train"],
                clips.get("validation"),
                epochs=epochs,
                report=_go_on if report else None,
                context=context,
            )
        if then:
            model.predict_proba(clips["test"])
        self.models.append(model)
        return {
            "model": len(self.models) - 1,
            "outcome": _outcome(info),
            "effects": effects and asdict(effects),
            "after": {name: messages.packed(part) for name, part in clips.items()} if then else {},
        }

    def do_predict(self, *, model: int, clips: Message, watch: bool = False) -> Message:
        """What a fitted model gives for these clips."""
        batch = messages.clips(clips)
        with watched() if watch else nullcontext() as effects:
            came = self.models[model].predict_proba(batch)
        return {**messages.given(came), "effects": effects and asdict(effects)}

    def do_bait(self, *, model: int, clips: Message) -> Message:
        """The same where labels can be found: see `bait`."""
        came, asked = bait.predicted(self.models[model], messages.clips(clips), self.plugin)
        return {"predictions": np.asarray(came), "asked": asked}

    def do_space(self) -> Message:
        """Settings drawn from the search space, each tried on a model."""
        self.plugin.space()
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
        drawn = []
        for _ in range(DRAWS):
            trial = study.ask()
            params = self.plugin.params(trial)
            strange = {
                name: repr(value)[:80] for name, value in params.items() if not field_types.plain(value)
            }
            drawn.append({"asked": sorted(trial.params), "strange": strange})
            if not strange:
                self._try(params)
        return {"defaults": sorted(self.plugin.model.defaults), "drawn": drawn}

    def do_state(self, *, model: int) -> Message:
        """A new model that has the fitted one's state, or by name what in that is no array."""
        arrays = self.models[model].state()  # type: ignore[attr-defined]
        strange = {
            name: type(value).__name__ for name, value in arrays.items() if type(value) is not np.ndarray
        }
        if not strange:
            other = self._make(self.clips.n_classes, 0)
            model_store.restore(other, safetensors.numpy.load(model_store.encode(arrays)))
            self.models.append(other)
        return {"model": len(self.models) - 1, "strange": strange}

    def do_cost(self, *, model: int) -> str:
        """By what the cost of a prediction is known."""
        return measure.of(self.plugin, self.models[model]).by

    def _make(self, n_classes: int, seed: int) -> Model:
        params = dict(self.plugin.model.defaults)
        return backends.make(self.plugin, n_classes, seed=seed, device="cpu", params=params)

    def _try(self, params: dict[str, Any]) -> None:
        """Whether a model can be made with what was drawn."""
        try:
            model = backends.make(self.plugin, self.clips.n_classes, seed=0, device="cpu", params=params)
            self.plugin.backend.build_network(model, self.clips.train.inputs[0].shape[1])
        except Exception as error:
            error.add_note(f"with {params} from `space`")
            raise

    def _teacher(self, n_classes: int) -> Mapping[str, Any]:
        """The context of a fit: a teacher, fitted on the train clips for as short a time."""
        if not self.plugin.teacher:
            return {}
        plugin = plugins.teacher_of(self.plugin)
        params = dict(plugin.model.defaults)
        teacher = backends.make(plugin, n_classes, seed=0, device="cpu", params=params)
        teacher.fit(messages.clips(messages.packed(self.clips.train)), None, epochs=EPOCHS)
        return {"teacher": teacher}


def _facts(plugin: Plugin, clips: Material) -> Facts:
    info, checking = plugin.info, plugin.backend.checking
    offers = ("state", "load_state")
    return Facts(
        name=info.name,
        n_classes=clips.n_classes,
        deterministic=info.deterministic,
        transductive=info.transductive,
        memory=info.memory,
        places={method: crash.place(plugin.model, method) for method in METHODS},
        offers=[name for name in offers if callable(getattr(plugin.model, name, None))],
        keepable=final_models.keepable(plugin),
        may_change=list(checking.may_change),
        own_epochs=checking.own_epochs,
        drawn_by_seed=checking.drawn_by_seed,
    )


def _outcome(info: Any) -> Message:
    if not isinstance(info, FitInfo):
        return {"kind": type(info).__name__}
    curves = {str(name): messages.given(curve) for name, curve in info.curves.items()}
    of_epochs = None if info.probabilities is None else messages.given(info.probabilities)
    return {
        "kind": "FitInfo",
        "epochs": messages.given(info.epochs),
        "curves": curves,
        "probabilities": of_epochs,
    }


def _lock(parts: Any) -> None:
    clips: ClipBatch
    for clips in parts:
        for arrays in (clips.inputs, *clips.copies):
            for array in arrays:
                array.setflags(write=False)


def _go_on(epoch: int, uar: float) -> None:
    """Is given how a fit goes, and lets it go on."""
