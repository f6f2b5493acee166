"""Which folder holds the corpora: the one that is named, else the one that UNHEARD_DATA names."""

from __future__ import annotations

import os
from pathlib import Path

from benchmark.storage import places
from protocols.errors import StoreError, UnheardError


def named(given: str | None) -> str | None:
    """What --data or else UNHEARD_DATA names; None where neither does. UnheardError for an empty --data."""
    if given == "":
        raise UnheardError("--data is an empty name; leave it out for the default.")
    return given or os.environ.get("UNHEARD_DATA") or None


def found(given: str | None) -> Path:
    """The folder that --data or UNHEARD_DATA names; UnheardError where neither does, or there is no such."""
    from benchmark.corpora import inventory

    name = named(given)
    if name is None:
        raise UnheardError("no corpora are named: give --data DIR, or set UNHEARD_DATA.")
    return inventory.corpora_folder(name)


def made(given: str | None) -> Path:
    """Where corpora are written to: as `found`, but the last folder of the path is made."""
    name = named(given)
    if name == "demo":
        raise UnheardError("--data demo is made by the project itself: name another folder.")
    folder = places.expanded(name or ".")
    if name and not folder.exists() and folder.parent.is_dir():
        try:
            folder.mkdir()
        except OSError as error:
            raise StoreError(f"{folder}: cannot be made: {error.strerror}. Check --data.") from error
    return found(given)
