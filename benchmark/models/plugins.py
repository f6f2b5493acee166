"""Finds a model by name or by file, looks whether it declares what it must, and can run here.

A plugin travels to worker processes as its reference, never as an object: no model is ever pickled.
"""

from __future__ import annotations

import importlib.util
import inspect
import os
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import optuna

from benchmark.audio import torchaudio_stub
from benchmark.features import enrolment, front_ends, stack
from benchmark.features.stack import Stack
from benchmark.models import (
    backends,
    declaration,
    engine_functions,
    old_words,
    plugin_files,
    source_digest,
    variants,
)
from benchmark.models.backends.backend import Backend
from benchmark.training import search_space
from protocols import registry
from protocols.contract import Declaration, Info, Params
from protocols.errors import PluginError
from protocols.protocol import Protocol

EXTRAS = {"egemaps": "opensmile", "speaker": "resemblyzer"}  # optional extra -> the module that it brings


@dataclass(frozen=True)
class Plugin:
    """A model's class and where it came from."""

    reference: str  # an entry point's name, or the path of a file
    model: type[Declaration] = field(compare=False)  # the reference and the source say which
    source: str  # the digest of all that it runs: see benchmark.models.source_digest
    package: str  # the distribution that brought it, with version; "" for a file
    enrolment: str = ""  # clips of its speaker that it is given with each: of ENROLMENT, or "" without

    @property
    def info(self) -> Info:
        """What it declares; run with enrolment it has a name and a title of its own."""
        info = self.model.info
        if not self.enrolment:
            return info
        return replace(
            info,
            name=f"{info.name}@{self.enrolment}",
            title=f"{info.title}, {enrolment.described(self.enrolment)}",
            deterministic=info.deterministic and self.enrolment == "all",  # else the seed draws them
        )

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of its variants."""
        return tuple(self.model.variants)

    @property
    def features(self) -> Stack:
        """The front ends, at least one; of trials nothing differs but whether a clip's level is removed."""
        return self.features_with(self.model.defaults)

    def features_with(self, params: Params) -> Stack:
        """The front ends as a model with these parameters is given them."""
        return declaration.front_ends(self.model, params)

    @property
    def files(self) -> list[Path]:
        """All that it runs, its teacher's too."""
        own = source_digest.files(self.model, package=self.package, ours=self.ours)
        return [*own.values(), *(teacher_of(self).files if self.teacher else ())]

    @property
    def ours(self) -> bool:
        """Whether it is one of this project's baselines."""
        return _ours(self.package)

    @property
    def teacher(self) -> str:
        """The reference of the model that this one learns from, or ""; a file's path goes from this one's."""
        name = self.info.needs.get("teacher", "")
        here = Path(inspect.getsourcefile(self.model) or "")
        return os.path.realpath(here.parent / name) if name.endswith(".py") else name

    @property
    def missing(self) -> str:
        """Why this model, or its teacher, cannot run here, and what to do about it. "" if it can."""
        if lack := stack.missing(self.features):
            return lack
        module = EXTRAS.get(self.info.extra, self.info.extra)
        if module and not _importable(module):
            return f"it needs the extra: pip install 'unheard[{self.info.extra}]'"
        return teacher_of(self).missing if self.teacher else ""

    @property
    def backend(self) -> Backend:
        """What the engine knows of its kind."""
        return backends.backend_of(self.model)

    def rows(self, params: Params, protocol: Protocol | None = None) -> int:
        """How often an epoch learns from each training clip, its augmented copies included.

        Under a protocol that has altered copies as rows, the model's own are off.
        """
        copies = 0 if protocol and protocol.copies else self.features[0].copies
        return self.backend.rows(self.model, params, copies)

    @property
    def first(self) -> dict[str, Any]:
        """The searched parameters of trial 0, at their defaults."""
        return search_space.first(self.model)

    def params(self, trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        """What this trial runs with: the defaults, with what is searched in their place."""
        params = search_space.params(self.model, trial)
        self._check_front_end(params)
        return params

    def space(self) -> dict[str, optuna.distributions.BaseDistribution]:
        """The search space: name -> Optuna distribution, of all branches.

        PluginError where a default is not in it, or the front end changes with a choice.
        """
        space = search_space.of(self.model)
        for branch in space.branches:
            self._check_front_end(branch.params)
        return dict(space.distributions)

    @property
    def settings(self) -> dict[str, Any]:
        """What a record's key holds of what is set and searched: name -> JSON."""
        space = {
            name: optuna.distributions.distribution_to_json(distribution)
            for name, distribution in sorted(self.space().items())
        }
        return {"space": space, "defaults": dict(self.model.defaults), **self.backend.key(self.model)}

    def other(self, reference: str) -> Plugin:
        """Another model, such as its teacher; PluginError where that cannot be used."""
        found = load(reference)
        found.space()
        return found

    def _check_front_end(self, params: Params) -> None:
        wanted, fixed = (
            _decisive(tuple(replace(each, level="kept") for each in features))
            for features in (self.features_with(params), self.features)
        )
        if wanted != fixed:
            raise PluginError(
                f"{self.info.name}: the front end changes with a searched parameter. What changes the "
                "cost makes a named variant; only a clip's level may be removed or not."
            )


@cache
def load(reference: str) -> Plugin:
    """The model called so, or in the file at that path; RegistryError or PluginError where it cannot be.

    NAME~VARIANT is one of its variants; NAME@K has enrolment: see `protocols.contract.ClipBatch`.
    """
    plain, clips = enrolment.parted(reference)
    if clips:
        return _enrolled(load(plain), clips)
    plain, variant = variants.parted(reference)
    if variant:
        return _variant(load(plain), variant)
    torchaudio_stub.install()  # whatever a plugin imports may import torchaudio
    engine = engine_functions.snapshot()
    if reference.endswith(".py"):
        path = Path(os.path.realpath(reference))  # the same, whatever folder a worker stands in
        reference = str(path)
        model, package = _from_file(path), ""
    else:
        model = _installed_class(reference)
        package = registry.package(registry.entries("models")[reference])
    if replaced := engine_functions.replaced(engine):
        raise PluginError(f"{reference}: importing it replaces {replaced[0]}, which is the engine's own.")
    declaration.check(model, reference)
    source = source_digest.of(model, package=package, ours=_ours(package))
    return Plugin(reference, model, source, package)


def _variant(plugin: Plugin, name: str) -> Plugin:
    """Refused where it sets what is searched: the search would undo it."""
    reference = f"{plugin.reference}~{name}"
    model = variants.of(plugin.model, name, reference=plugin.reference)
    if searched := sorted(plugin.model.variants[name].keys() & plugin.space().keys()):
        raise PluginError(
            f"{reference}: it sets {searched[0]!r}, which `space` searches. Leave one of them out."
        )
    declaration.check_settings(model, reference)
    return replace(plugin, reference=reference, model=model)


def _enrolled(plugin: Plugin, clips: str) -> Plugin:
    if plugin.info.enrolment == "none":
        raise PluginError(
            f'{plugin.info.name} declares Info.enrolment="none": it is given no clips of the speaker. To '
            'have its features normalised by them, declare "normalise".'
        )
    if plugin.teacher:
        raise PluginError(
            f"{plugin.info.name} learns from a teacher, which is given no clips of the speaker."
        )
    return replace(plugin, reference=f"{plugin.reference}@{clips}", enrolment=clips)


def _installed_class(name: str) -> type[Declaration]:
    try:
        model: Any = registry.load("models", name)
    except PluginError as error:
        hint = old_words.hint(error.__cause__) if error.__cause__ else ""
        raise PluginError(f"{error}{hint.removeprefix('.')}") from error
    if not inspect.isclass(model):
        raise PluginError(f"{name}: its entry point names no class.")
    return cast(type[Declaration], model)


def _from_file(path: Path) -> type[Declaration]:
    if not path.is_file():
        raise PluginError(
            f"{path}: there is no such file. --model takes a name or the path of a Python file."
        )
    try:
        module = plugin_files.load(path)
    except (Exception, SystemExit) as error:
        raise PluginError(
            f"{path}: cannot be imported: {type(error).__name__}: {error}{old_words.hint(error)}"
        ) from error
    models: list[Any] = [
        thing
        for thing in vars(module).values()
        if inspect.isclass(thing)
        and thing.__module__ == module.__name__
        and isinstance(getattr(thing, "info", None), Info)
    ]
    if len(models) != 1:
        found = ", ".join(model.__name__ for model in models) or "none"
        raise PluginError(f"{path}: must define exactly one model (a class with `info`); found {found}.")
    model: type[Declaration] = models[0]
    return model


def _ours(package: str) -> bool:
    return package.partition(" ")[0] == "unheard"


def _decisive(features: Stack) -> Any:
    return [(replace(each, options={}), front_ends.resolved(each)) for each in features]


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # "no.such.module", ".."
        return False


def teacher_of(plugin: Plugin) -> Plugin:
    """The teacher; PluginError where it cannot teach this model."""
    teacher = plugin.other(plugin.teacher)
    if teacher.teacher:
        raise PluginError(f"{plugin.info.name}: its teacher {teacher.info.name} needs a teacher itself.")
    if _decisive(teacher.features) != _decisive(plugin.features):
        raise PluginError(f"{plugin.info.name}: its teacher {teacher.info.name} has another front end.")
    return teacher
