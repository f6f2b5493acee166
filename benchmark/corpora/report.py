"""What an inventory found, as plain data for programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmark.corpora import inventory as inventory_module
from benchmark.corpora import lookalikes
from benchmark.corpora.inventory import Inventory, Progress
from protocols.corpora import Corpus
from protocols.errors import DataError


def of(corpus: Corpus, data: Path, *, jobs: int, progress: Progress | None = None) -> dict[str, Any]:
    """What `corpora check` finds of a corpus in its folder below `data`; of one that cannot be used, why."""
    folder = data / corpus.name
    try:
        if not folder.is_dir():
            cure = lookalikes.hint(corpus, data) or corpus.obtain
            raise DataError(f"{corpus.name}: there is no folder {folder}. {cure}")
        return document(inventory_module.take(corpus, folder, jobs=jobs, progress=progress))
    except DataError as error:
        return {"corpus": corpus.name, "complete": False, "problem": str(error)}


def document(inventory: Inventory) -> dict[str, Any]:
    """The inventory as plain data, for --json; paths are relative to the corpus's folder."""

    def name(path: Path) -> str:
        return os.fsencode(path.relative_to(inventory.folder)).decode(errors="replace")

    return {
        "corpus": inventory.corpus,
        "complete": inventory.complete,
        "kind": inventory.kind,
        "digest": inventory.digest,
        "expected": inventory.expected,
        "usable": len(inventory.files),
        "official": inventory.official,
        "missing": [clip.path for clip in inventory.missing],
        "unknown": [name(path) for path in inventory.unknown],
        "extra": [name(path) for path in inventory.extra],
        "unreadable": {name(path): why for path, why in inventory.unreadable.items()},
        "pointers": [name(path) for path in inventory.pointers],
        "identical": [list(group) for group in inventory.identical],
        "silent": list(inventory.odd.silent),
        "short": list(inventory.odd.short),
        "long": list(inventory.odd.long),
        "copies": [list(pair) for pair in inventory.odd.copies],
    }
