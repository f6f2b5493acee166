"""Open fits to a borrowed GPU and back: what is carried, and whether it belongs to the code that reads it.

pack    features, folds, and what their fits have come to so far, into a folder
fill    there, on another machine: do the fits, and put what has come of them beside
unpack  at home: put that into the store of fits, over which `run` replays its searches
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from benchmark.execution.task import Task
from benchmark.models import plugins
from benchmark.storage import parts, places
from protocols.errors import DataError, UnheardError

OUT, BACK = "out", "back"  # names of what is carried there, and of what comes home
HEADER = "header.json"
WORK, FEATURES = "work", "features"  # folders in what is carried
SUFFIXES = {".fit", ".round", ".safetensors"}  # of what is kept of fits, and of teachers


class Header(Struct, frozen=True, kw_only=True):
    """What is carried along beside the files."""

    code: str  # the digest of all code that decides the fits
    versions: dict[str, str]  # of libraries that decide them too
    work: str  # the folder of unfinished work at home
    tasks: list[dict[str, Any]]  # folds to do, those that are worth most first


def header(tasks: Sequence[Task], *, work: Path) -> Header:
    """Of these folds, whose unfinished work lies there."""
    plain = [msgspec.to_builtins(task, enc_hook=str) for task in tasks]
    return Header(
        code=code(set().union(*map(_models, tasks))), versions=versions(), work=str(work), tasks=plain
    )


def encoded(carried: Header) -> bytes:
    """As it is carried."""
    return msgspec.json.encode(carried)


def checked(name: str) -> Path:
    """A carried file's name as a relative path; DataError where it would lead elsewhere."""
    path = Path(name)
    if path.is_absolute() or ".." in path.parts or path.parts[0] not in (WORK, FEATURES):
        raise DataError(f"offload: a file called {name!r} is no part of what is packed.")
    return path


def read(folder: Path, name: str) -> tuple[Header, dict[str, bytes]]:
    """What is carried under this name; UnheardError where it is not there."""
    entries = parts.read(folder, name)
    if HEADER not in entries:
        raise DataError(f"{folder}: nothing is packed there ({name}.*). Name the folder that holds it.")
    return msgspec.json.decode(entries.pop(HEADER), type=Header), entries


def check(carried: Header) -> None:
    """UnheardError where the code or a library here is not what the fits were packed for."""
    here, there = versions(), carried.versions
    if different := [f"{name} {there[name]}, not {here[name]}" for name in here if here[name] != there[name]]:
        raise UnheardError(f"offload: it was packed for {' and '.join(different)}. Install the same version.")
    if code(set().union(*map(_models, _tasks(carried)))) != carried.code:
        raise UnheardError("offload: the code here is not what it was packed with. Install the same.")


def tasks(carried: Header, *, root: Path, device: str) -> list[Task]:
    """The folds that are carried, their files below `root`."""
    return [
        replace(
            task,
            device=device,
            features=tuple(
                tuple(tuple(root / FEATURES / folder.name for folder in home) for home in homes)
                for homes in task.features
            ),
            work=root / WORK / task.work.relative_to(carried.work),
            fits=root / WORK / task.fits.relative_to(carried.work),
        )
        for task in _tasks(carried)
    ]


def kept(tasks: Sequence[Task], *, work: Path, room: int, known: Mapping[str, bytes]) -> dict[str, bytes]:
    """What fits have come to, beyond what is `known`, in `room` bytes.

    The smallest come first: rounds that have ended, and last fits, which are worth more than what is open.
    """
    folders = {folder for task in tasks for folder in (task.work, task.fits)}
    found = {path for folder in folders for path in folder.rglob("*") if path.suffix in SUFFIXES}
    new: dict[str, bytes] = {}
    for size, path in sorted((path.stat().st_size, path) for path in found):
        name = f"{WORK}/{path.relative_to(work).as_posix()}"
        if size > room:
            break
        if known.get(name) != (data := path.read_bytes()):
            new[name], room = data, room - size
    return new


def versions() -> dict[str, str]:
    """Of the libraries that decide a network's fits, whatever hardware they were built for."""
    return {name: version(name).partition("+")[0] for name in ("torch", "numpy", "optuna")}


def code(models: Iterable[str]) -> str:
    """The digest of the engine, of the protocols, and of these models."""
    lines = [plugins.load(name).source for name in sorted(models)]
    for package in ("benchmark", "protocols"):
        home = places.CHECKOUT / package
        for path in sorted((*home.rglob("*.py"), *home.rglob("*.toml"), *home.rglob("*.csv"))):
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            lines.append(f"{digest}  {path.relative_to(places.CHECKOUT).as_posix()}")
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _models(task: Task) -> set[str]:
    return {task.model, task.teacher.model} if task.teacher else {task.model}


def _tasks(carried: Header) -> list[Task]:
    return [msgspec.convert(one, Task, dec_hook=lambda _, value: Path(value)) for one in carried.tasks]
