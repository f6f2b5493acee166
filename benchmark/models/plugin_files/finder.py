"""Finds the modules of plugins that are files, and lets each import what lies beside it."""

from __future__ import annotations

import builtins
import importlib.util
import sys
from collections.abc import Sequence
from functools import partial
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any
from urllib.parse import unquote

OURS = frozenset({"baselines", "benchmark", "protocols"})


def module_name(package: str, path: Path) -> str:
    """The name of the module that a file is; `path` is absolute."""
    return f"{package}.{str(path).replace('%', '%25').replace('.', '%2E')}"


def path_of(root: str) -> Path:
    """The file whose module is named so."""
    return Path(unquote(root.rpartition(".")[2]))


def beside(folder: Path, name: str) -> ModuleSpec | None:
    """The module or package in a plugin's folder that `import name` means there, or None.

    A folder without `__init__.py` counts where nothing of that name is installed, as for a script.
    """
    if not name or name in OURS or name in sys.stdlib_module_names:
        return None
    spec = PathFinder.find_spec(name, [str(folder)])
    if spec is None or spec.loader is not None:
        return spec
    try:
        elsewhere = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        return spec
    return spec if elsewhere is None or elsewhere.origin is None else None


def install(package: str) -> None:
    """Find this package's modules from now on, once a process."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder(package))


class _Finder(MetaPathFinder):
    """Answers for what lies below the package alone."""

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        root = ".".join(fullname.split(".")[: self.package.count(".") + 2])
        file = path_of(root)
        if not fullname.startswith(f"{self.package}.") or not file.is_absolute():
            return None
        if fullname == root:
            return importlib.util.spec_from_file_location(
                root,
                file,
                loader=_Loader(root, str(file), root),
                submodule_search_locations=[str(file.parent)],
            )
        spec = PathFinder.find_spec(fullname, path)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _Loader(fullname, spec.loader.path, root)
        return spec


class _Loader(SourceFileLoader):
    """Runs a module whose `import` statements look beside the plugin first.

    Without a cache of its bytecode, which would hide an edit made within the same second.
    """

    def __init__(self, fullname: str, path: str, root: str) -> None:
        super().__init__(fullname, path)
        self.root = root

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return self.source_to_code(self.get_data(path), path)

    def exec_module(self, module: ModuleType) -> None:
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": partial(_import, self.root)}
        super().exec_module(module)


def _import(
    root: str,
    name: str,
    globals: Any = None,  # noqa: A002
    locals: Any = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """What the statement `import` calls, for a module of the plugin `root`; see `builtins.__import__`."""
    head = name.partition(".")[0]
    file = path_of(root)
    if level or (head != file.stem and beside(file.parent, head) is None):
        return builtins.__import__(name, globals, locals, fromlist or (), level)
    if name == file.stem:  # a helper that imports the plugin itself
        return builtins.__import__(root, globals, locals, ["__name__"], 0)
    found = builtins.__import__(f"{root}.{name}", globals, locals, fromlist or ("__name__",), 0)
    return found if fromlist else sys.modules[f"{root}.{head}"]
