"""Refuses a corpus copy that cannot be used, and names the first file that is wrong."""

from __future__ import annotations

from pathlib import Path

from benchmark.corpora.inventory import Inventory
from protocols.errors import DataError


def require(inventory: Inventory, *, allow_missing: bool) -> None:
    """Raise DataError, naming the first file, unless the copy can be used; gaps only can be allowed."""
    name, folder = inventory.corpus, inventory.folder
    if inventory.pointers:
        raise DataError(
            f"{name}: {_first(inventory.pointers, folder)}: a Git LFS pointer, not audio. "
            f"Run `git lfs pull` in {folder}."
        )
    if inventory.unreadable:
        problem = next(iter(inventory.unreadable.values()))
        raise DataError(f"{name}: {_first(tuple(inventory.unreadable), folder)}: {problem}")
    if inventory.unknown:
        raise DataError(
            f"{name}: {_first(inventory.unknown, folder)}: no clip of the corpus has such a name. "
            f"Move what does not belong there out of {folder}."
        )
    if inventory.missing and not allow_missing:
        again = f"Remove {folder}, which this project made, to have it made again"
        cure = again if inventory.kind == "synthetic" else "Check --data"
        raise DataError(
            f"{name}: {len(inventory.missing)} of {inventory.expected} clips are missing, "
            f"first {inventory.missing[0].path}. {cure}, or give --allow-missing."
        )


def _first(paths: tuple[Path, ...], folder: Path) -> str:
    more = f" (and {len(paths) - 1} more)" if len(paths) > 1 else ""
    return f"{paths[0].relative_to(folder)}{more}"
