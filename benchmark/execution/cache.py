"""What lies in the cache, and what of it no installed model uses any more.

Only what can be computed again is ever removed: no fitted model, and no weights that somebody has put there.
"""

from __future__ import annotations

import shutil
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import Timeout

from benchmark.audio import acoustic_conditions
from benchmark.corpora import embedded, file_index
from benchmark.features import feature_store, front_ends, stack
from benchmark.models import installation
from benchmark.models.plugins import Plugin
from benchmark.storage import canonical, files, places
from protocols import folds, registry
from protocols.errors import DataError, UnheardError
from protocols.protocol import Protocol


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A file or a folder of the cache."""

    path: Path
    kind: str  # features, embedded corpora, file index, ... : the folder's name where nothing more is known
    corpus: str = ""
    version: str = ""  # of features: the front end with what it was asked for, and its version
    size: int = 0  # bytes
    used: bool = True  # whether an installed model uses it, as far as is known
    users: tuple[str, ...] = ()  # those models


def entries() -> list[Entry]:
    """All that lies there, by kind and path."""
    root = places.cache()
    there = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    found = [entry for path in there for entry in _entries(path)]
    return sorted(found, key=lambda entry: (entry.kind, entry.path))


def clean() -> tuple[list[Entry], list[Entry]]:
    """Remove what no installed model uses; gives what is gone, and what another run holds just now."""
    gone, held = list[Entry](), list[Entry]()
    for entry in entries():
        if entry.used:
            continue
        try:
            with files.lock(entry.path.with_suffix(".lock"), timeout=0):
                _remove(entry.path)
            gone.append(entry)
        except Timeout:
            held.append(entry)
    return gone, held


def _remove(path: Path) -> None:
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError as error:
        raise files.unwritable(path, error, instead="Remove it by hand") from error


def _entries(path: Path) -> Iterator[Entry]:
    if path == feature_store.place():
        yield from _features(path)
    elif path.name.startswith("demo-"):
        current = path == embedded.place()
        yield Entry(path=path, kind="embedded corpora", version=path.name, size=_size(path), used=current)
    elif path == file_index.place():
        for index in sorted(path.glob("*.json")):
            used = file_index.current(index)
            yield Entry(path=index, kind="file index", size=_size(index), used=used)
    else:
        yield Entry(path=path, kind=path.name, size=_size(path))


def _features(path: Path) -> Iterator[Entry]:
    users = _users()
    for folder in sorted(each for each in path.iterdir() if each.is_dir()):
        try:
            about = feature_store.index(folder).about
        except DataError:  # unfinished, and gone on with by the next run
            about = {}
        corpus, _, front_end = folder.name.rpartition("-")[0].partition("-")
        names = tuple(users.get(_digest(about), ())) if about else ()
        yield Entry(
            path=folder,
            kind="features",
            corpus=corpus,
            version=_words(about) or f"{front_end}, unfinished or of an older version",
            size=_size(folder),
            used=bool(names) or not about,
            users=names,
        )


def _users() -> dict[str, list[str]]:
    """The installed models by the digests of the features that they use, of whatever corpus."""
    found: dict[str, list[str]] = {}
    ways = _ways()
    for plugin in installation.models()[0]:
        for digest in _wanted(plugin, ways):
            found.setdefault(digest, []).append(plugin.info.name)
    return found


def _ways() -> list[Protocol]:
    """Of the installed protocols, one for each way in which they have clips altered: most, in none."""
    found: dict[Hashable, Protocol] = {}
    for name in registry.names("protocols"):
        with suppress(UnheardError):  # somebody else's split file that cannot be used
            protocol = folds.load(name)
            found.setdefault((protocol.copies, protocol.augmentation), protocol)
    return list(found.values())


def _wanted(plugin: Plugin, ways: Sequence[Protocol]) -> set[str]:
    try:
        return {
            _digest(feature_store.identity(features, copy, condition))
            for protocol in ways
            for features in stack.under(protocol, plugin.features)
            for copy in range(1 + features.copies)
            for condition in ("", *(() if copy else acoustic_conditions.CONDITIONS))
        }
    except (UnheardError, LookupError):  # it cannot run here: without weights, or without a library
        return set()


def _digest(about: dict[str, Any]) -> str:
    return canonical.digest({name: part for name, part in about.items() if name not in ("corpus", "copy")})


def _words(about: dict[str, Any]) -> str:
    if not about:
        return ""
    default = front_ends.registry().get(about["front_end"])
    options = {
        name: value for name, value in about["options"].items()
        if not default or default.options.get(name) != value
    }  # fmt: skip
    asked = [f"{name}={value}" for name, value in options.items()] + about["functionals"]
    copy = f", copy {about['copy number']}" if "copy number" in about else ""
    condition = f", {about['condition']['name']}" if "condition" in about else ""
    return f"{about['front_end']} v{about['version']}{copy}{condition} {' '.join(asked)}".strip()


def _size(path: Path) -> int:
    each = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in each if file.is_file() and not file.is_symlink())
