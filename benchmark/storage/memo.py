"""Small answers that take long to find, kept in the cache by all that decides them.

<cache>/answers/<what>-<digest>
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from benchmark.storage import canonical, files, places
from protocols.errors import StoreError


def kept(what: str, decisive: Any, find: Callable[[], bool]) -> bool:
    """What `find` gives, or gave when it was asked before with the same `decisive` plain data."""
    place = places.cache() / "answers" / f"{what}-{canonical.digest(decisive)[:32]}"
    with suppress(OSError):
        known = files.unsealed(place.read_bytes())
        if known:
            return known == b"yes"
    found = find()
    with suppress(StoreError):  # it is found again the next time
        files.write(place, files.sealed(b"yes" if found else b"no"), flush=False)
    return found
