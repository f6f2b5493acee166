"""Which files of the author's own a Python file imports, directly or through others, read from its source.

Source rather than memory: what a process has imported depends on what else it did.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

Local = Callable[[str], bool]  # whether the module of this top-level name is the author's own


def closure(start: Iterable[Path], *, root: Path, local: Local) -> set[Path]:
    """These files and all that they import: of absolute names those that are `local` and lie in `root`."""
    found: set[Path] = set()
    waiting = list(start)
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found.add(file)
        if file.suffix == ".py":
            waiting += [each for base, parts in _imports(file, root, local) for each in _files(base, parts)]
    return found


def _imports(file: Path, root: Path, local: Local) -> Iterator[tuple[Path, list[str]]]:
    """The folder that each import starts from, and the dotted name below it, as parts."""
    try:
        tree = ast.parse(file.read_bytes())
    except (SyntaxError, ValueError):  # an import that nobody has reached yet would fail as well
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            named = [(0, name.name.split(".")) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = node.module.split(".") if node.module else []
            named = [(node.level, [*module, name.name]) for name in node.names]
        else:
            continue
        for level, parts in named:
            if level:
                yield file.parents[level - 1], parts
            elif local(parts[0]):
                yield root, parts


def _files(base: Path, parts: list[str]) -> Iterator[Path]:
    """What importing the dotted name runs: each package's `__init__`, then the module."""
    for part in parts:
        candidates = (base / f"{part}.py", *base.glob(f"{part}.*.so"), *base.glob(f"{part}.pyd"))
        base = base / part
        if (base / "__init__.py").is_file():
            yield base / "__init__.py"
        else:
            yield from (file for file in candidates if file.is_file())
