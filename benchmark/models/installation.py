"""The installed models, and what they declare, kept between runs.

To import them all takes seconds, of PyTorch mostly. What was found of a model is believed again while all is
as it was: its own files and the folders that they lie in, the engine, Python, and what is installed. Its
class is imported when somebody asks for it.

<cache>/models-declared/<name>.json
"""

from __future__ import annotations

import sys
import zlib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import msgspec

from benchmark.features.stack import Stack
from benchmark.models import backends, plugins
from benchmark.models.backends.backend import Backend
from benchmark.models.plugins import Plugin
from benchmark.storage import files, places
from protocols import registry
from protocols.contract import Augmentation, Declaration, Features, Info
from protocols.errors import StoreError, UnheardError

SITES = ("site-packages", "dist-packages")  # folders that change when something is installed


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a model was found to declare, and what must be as it was for that to hold."""

    world: str
    seen: dict[str, tuple[int, int]]  # size and time of change of its files and their folders
    info: dict[str, Any]  # as declared: 1 stays 1 where a float is meant, since digests are of text
    features: list[dict[str, Any]]
    teacher: str
    settings: dict[str, Any]
    variants: list[str]
    backend: str  # the name of its class
    source: str
    package: str


class Installed(Plugin):
    """A plugin of which these facts are known; its class is imported when it is asked for."""

    facts: Facts

    def __init__(self, reference: str, facts: Facts) -> None:
        vars(self).update(reference=reference, source=facts.source, package=facts.package, facts=facts)

    @cached_property
    def model(self) -> type[Declaration]:
        return plugins.load(self.reference).model

    @cached_property
    def info(self) -> Info:
        return Info(**_tuples(self.facts.info))

    @cached_property
    def features(self) -> Stack:
        return tuple(map(_features, self.facts.features))

    @property
    def teacher(self) -> str:
        return self.facts.teacher

    @property
    def settings(self) -> dict[str, Any]:
        return self.facts.settings

    @property
    def variants(self) -> tuple[str, ...]:
        return tuple(self.facts.variants)

    @property
    def backend(self) -> Backend:
        return backends.by_name(self.facts.backend)

    def other(self, reference: str) -> Plugin:
        return super().other(reference) if reference.endswith(".py") else find(reference)


def models() -> tuple[list[Plugin], dict[str, str]]:
    """All installed models that can be used, and by name why the others cannot: they stop nobody else."""
    good: list[Plugin] = []
    bad: dict[str, str] = {}
    for name in registry.names("models"):
        try:
            good.append(find(name))
        except UnheardError as error:
            bad[name] = str(error).removeprefix(f"{name}: ")
    return good, bad


def find(name: str) -> Plugin:
    """The model called so, or in the file at that path, whose search space and teacher can be used.

    RegistryError or PluginError where it cannot be.
    """
    if name not in registry.entries("models"):
        return _usable(name)
    with suppress(OSError, msgspec.DecodeError):
        facts = msgspec.json.decode(files.unsealed(_place(name).read_bytes()), type=Facts)
        if facts.world == _world(name) and facts.seen == _seen(map(Path, facts.seen)):
            return Installed(name, facts)
    plugin = _usable(name)
    with suppress(OSError, StoreError):  # it is found again the next time
        files.write(_place(name), files.sealed(msgspec.json.encode(_facts(plugin))), flush=False)
    return plugin


def _usable(reference: str) -> Plugin:
    plugin = plugins.load(reference)
    plugin.space()
    if plugin.teacher:
        plugins.teacher_of(plugin)
    return plugin


def _facts(plugin: Plugin) -> Facts:
    own = plugin.files
    return Facts(
        world=_world(plugin.reference),
        seen=_seen({*own, *(path.parent for path in own)}),
        info=asdict(plugin.info),
        features=[asdict(each) for each in plugin.features],
        teacher=plugin.teacher,
        settings=plugin.settings,
        variants=list(plugin.variants),
        backend=type(plugin.backend).__name__,
        source=plugin.source,
        package=plugin.package,
    )


def _features(plain: Mapping[str, Any]) -> Features:
    augmentation = tuple(Augmentation(**_tuples(each)) for each in plain["augmentation"])
    return Features(**{**_tuples(plain), "augmentation": augmentation})


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Of JSON, lists as the tuples that they were."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}


def _place(name: str) -> Path:
    return places.cache() / "models-declared" / f"{name}.json"


def _seen(paths: Iterable[Path]) -> dict[str, tuple[int, int]]:
    """OSError where one is gone."""
    stats = {str(path): path.stat() for path in paths}
    return {path: (stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}


def _world(name: str) -> str:
    """What else decides what a model declares: its entry point, Python, the engine, what is installed."""
    entry = registry.entries("models")[name]
    return f"{entry.value} {registry.package(entry)} {surroundings()}"


@cache
def surroundings() -> str:
    """Changes with Python, with the engine, and where anything is installed or removed."""
    engine = [path for name in ("benchmark", "protocols") for path in (places.CHECKOUT / name).rglob("*.py")]
    sites = [path for path in map(Path, sys.path) if path.name in SITES and path.is_dir()]
    seen = sorted(_seen([*engine, *sites]).items())
    return f"{sys.version} {zlib.crc32(repr(seen).encode()):08x}"
