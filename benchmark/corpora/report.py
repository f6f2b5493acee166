"""What an inventory found, as plain data for programs and as a table for people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from benchmark.corpora.inventory import Inventory


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
    }
