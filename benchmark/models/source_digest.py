"""The digest of all that a plugin runs: an edit of any of it makes another model.

- A plugin that is a file: the file, and the modules beside it that it imports, directly or through others.
- An installed plugin: every module of its package, and of its distribution where that is single modules.
- One of our own baselines: its file, and the modules of `baselines` that it imports; an edit of one leaves
  the others as they are.

And each: the files of its base classes, and the files that `Info.weights` names. The engine and the contract
are not in it: the key of a record has their version. Nor are libraries; where a base class is a library's,
its file is.
"""

from __future__ import annotations

import hashlib
import inspect
import os
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

from benchmark.models import local_imports
from benchmark.models.plugin_files import finder
from protocols.contract import Declaration

ENGINE = frozenset({"benchmark", "protocols"})


def of(model: type[Declaration], *, package: str, ours: bool) -> str:
    """SHA-256 over the files' relative names and SHA-256s, whatever folder they lie in."""
    lines = [
        f"{_sha256(path)}  {name}\n"
        for name, path in sorted(files(model, package=package, ours=ours).items())
    ]
    return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()


def files(model: type[Declaration], *, package: str, ours: bool) -> dict[str, Path]:
    """All that a plugin runs, by relative name.

    `package` is the distribution that brought the plugin, with its version, or "" for a file.
    """
    home = _file(model)
    if ours:
        found = _named(_of_baselines(home), home.parents[1])
    elif package:
        found = _installed(model, package)
    else:
        found = _named(_beside(model, home), home.parent)
        found["model"] = found.pop(home.name)  # its own name decides nothing
    for base in _bases(model):
        if _file(base) not in found.values():
            found[f"base class {base.__module__.replace('.', '/')}"] = _file(base)
    return found | {f"weights {name}": home.parent / name for name in model.info.weights}


def _of_baselines(home: Path) -> set[Path]:
    name = home.parent.name
    return local_imports.closure([home], root=home.parents[1], local=lambda head: head == name)


def _beside(model: type[Declaration], home: Path) -> set[Path]:
    """The plugin's file and what it imports from its folder; also what it has imported by a computed name."""
    root, folder = model.__module__, home.parent
    loaded = (
        Path(str(module.__file__))
        for name, module in list(sys.modules.items())
        if name.startswith(f"{root}.") and getattr(module, "__file__", None)
    )
    return local_imports.closure(
        [home, *loaded], root=folder, local=lambda head: finder.beside(folder, head) is not None
    )


def _installed(model: type[Declaration], package: str) -> dict[str, Path]:
    top = sys.modules[model.__module__.partition(".")[0]]
    folders = [Path(folder) for folder in getattr(top, "__path__", ())]
    if folders:
        return {name: path for folder in folders for name, path in _below(folder)}
    home = _file(model)
    listed = [path for path in _listed(package) if path.parent == home.parent]
    others = {*packages_distributions(), *sys.stdlib_module_names, *finder.OURS}
    own = local_imports.closure(
        [home, *listed], root=home.parent, local=lambda head: head not in others
    )  # of an editable install no module is listed
    return _named(own, home.parent)


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    yield from ((path.relative_to(folder.parent).as_posix(), path) for path in folder.rglob("*.py"))


def _listed(package: str) -> Iterator[Path]:
    """The modules that a distribution lists as its own."""
    try:
        files = distribution(package.partition(" ")[0]).files or []
    except PackageNotFoundError:
        return
    for file in files:
        path = Path(str(file.locate()))
        if path.suffix == ".py" and path.is_file():
            yield path.resolve()


def _bases(model: type[Declaration]) -> list[type]:
    """Base classes that neither the engine nor Python brings."""
    heads = {base: base.__module__.partition(".")[0] for base in model.__mro__}
    return [
        base
        for base, head in heads.items()
        if (head not in ENGINE or base.__module__.startswith(model.__module__))
        and head not in sys.stdlib_module_names
        and _file(base).is_file()
    ]


def _file(model: type) -> Path:
    try:
        return Path(inspect.getsourcefile(model) or "").resolve()
    except TypeError:  # a class of C, or one that no file defines
        return Path()


def _named(files: set[Path], folder: Path) -> dict[str, Path]:
    """By name from the folder, or by the way up and down where one lies elsewhere."""
    return {Path(os.path.relpath(path, folder)).as_posix(): path for path in files}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
