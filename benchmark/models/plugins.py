"""Finds a model by name or by file, looks whether it declares what it must, and can run here.

A plugin travels to worker processes as its reference, never as an object: no model is ever pickled.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
import warnings
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import optuna

from benchmark.features import front_ends, stack
from benchmark.features.stack import Stack
from benchmark.models import declaration
from protocols import registry
from protocols.contract import Declaration, Info
from protocols.errors import PluginError, UnheardError

EXTRAS = {"egemaps": "opensmile", "speaker": "resemblyzer"}  # optional extra -> the module that it brings


@dataclass(frozen=True)
class Plugin:
    """A model's class and where it came from."""

    reference: str  # an entry point's name, or the path of a file
    model: type[Declaration]
    source: str  # SHA-256 of the file that defines it
    package: str  # the distribution that brought it, with version; "" for a file

    @property
    def info(self) -> Info:
        return self.model.info

    @property
    def features(self) -> Stack:
        """The front ends, at least one, which are the same for every trial."""
        return declaration.front_ends(self.model, self.model.defaults)

    @property
    def ours(self) -> bool:
        """Whether it is one of this project's baselines."""
        return self.package.partition(" ")[0] == "unheard"

    @property
    def teacher(self) -> str:
        """The reference of the model that this one learns from, or ""; a file's path goes from this one's."""
        name = self.info.needs.get("teacher", "")
        here = Path(inspect.getsourcefile(self.model) or "")
        return str((here.parent / name).resolve()) if name.endswith(".py") else name

    @property
    def missing(self) -> str:
        """Why this model, or its teacher, cannot run here, and what to do about it. "" if it can."""
        if lack := stack.missing(self.features):
            return lack
        module = EXTRAS.get(self.info.extra, self.info.extra)
        if module and not _importable(module):
            return f"it needs the extra: pip install 'unheard[{self.info.extra}]'"
        return teacher_of(self).missing if self.teacher else ""

    def params(self, trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        """What this trial runs with: the defaults, with what is searched in their place."""
        searched = self.model.space(trial)
        if strange := sorted(set(searched) - set(self.model.defaults)):
            raise PluginError(f"{self.info.name}: `space` gives {strange[0]!r}, which has no default.")
        params = {**self.model.defaults, **searched}
        wanted, fixed = declaration.front_ends(self.model, params), self.features
        if _decisive(wanted) != _decisive(fixed):
            raise PluginError(
                f"{self.info.name}: the front end changes with a searched parameter. What changes the "
                "cost makes a named variant; it is not searched."
            )
        return params

    def space(self) -> dict[str, optuna.distributions.BaseDistribution]:
        """The search space: name -> Optuna distribution. PluginError where a default is none of it."""
        trial = optuna.trial.FixedTrial(dict(self.model.defaults))
        try:
            with warnings.catch_warnings():
                warnings.filterwarnings("error", ".* is out of the range of the distribution")
                self.params(trial)
        except UnheardError:
            raise
        except (ValueError, Warning) as error:
            raise PluginError(
                f"{self.info.name}: every searched parameter needs a default within its range: {error}"
            ) from error
        except Exception as error:
            raise PluginError(f"{self.info.name}: `space` fails: {type(error).__name__}: {error}") from error
        return trial.distributions


@cache
def load(reference: str) -> Plugin:
    """The model called so, or in the file at that path; RegistryError or PluginError where it cannot be."""
    if reference.endswith(".py"):
        path = Path(reference).resolve()  # the same, whatever folder a worker stands in
        reference = str(path)
        model, package = _from_file(path), ""
    else:
        model = registry.load("models", reference)
        if not inspect.isclass(model):
            raise PluginError(f"{reference}: its entry point names no class.")
        package = registry.package(registry.entries("models")[reference])
        path = Path(inspect.getsourcefile(model) or "")
    declaration.check(model, reference)
    return Plugin(reference, model, hashlib.sha256(path.read_bytes()).hexdigest(), package)


def installed() -> tuple[list[Plugin], dict[str, str]]:
    """All installed models that can be used, and by name why the others cannot: they stop nobody else."""
    good, bad = [], {}
    for name in registry.names("models"):
        try:
            plugin = load(name)
            plugin.space()
            if plugin.teacher:
                teacher_of(plugin)
            good.append(plugin)
        except UnheardError as error:
            bad[name] = str(error).removeprefix(f"{name}: ")
    return good, bad


def _from_file(path: Path) -> type[Declaration]:
    if not path.is_file():
        raise PluginError(
            f"{path}: there is no such file. --model takes a name or the path of a Python file."
        )
    name = f"unheard_plugin_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path}: not a Python file.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        raise PluginError(f"{path}: cannot be imported: {type(error).__name__}: {error}") from error
    models: list[Any] = [
        thing
        for thing in vars(module).values()
        if inspect.isclass(thing)
        and thing.__module__ == name
        and isinstance(getattr(thing, "info", None), Info)
    ]
    if len(models) != 1:
        found = ", ".join(model.__name__ for model in models) or "none"
        raise PluginError(f"{path}: must define exactly one model (a class with `info`); found {found}.")
    model: type[Declaration] = models[0]
    return model


def _decisive(features: Stack) -> Any:
    return [(replace(each, options={}), front_ends.resolved(each)) for each in features]


def _importable(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # "no.such.module", ".."
        return False


def teacher_of(plugin: Plugin) -> Plugin:
    """The teacher; PluginError where it cannot teach this model."""
    teacher = load(plugin.teacher)
    teacher.space()
    if teacher.teacher:
        raise PluginError(f"{plugin.info.name}: its teacher {teacher.info.name} needs a teacher itself.")
    if _decisive(teacher.features) != _decisive(plugin.features):
        raise PluginError(f"{plugin.info.name}: its teacher {teacher.info.name} has another front end.")
    return teacher
