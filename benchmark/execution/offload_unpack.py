"""`offload unpack`: what fits have come to elsewhere, into the store at home, over which `run` replays."""

from __future__ import annotations

from pathlib import Path

import msgspec

from benchmark.execution import offload
from benchmark.execution.fit_store import Progress
from benchmark.storage import files
from protocols.errors import DataError


def unpack(folder: Path) -> int:
    """Put what has come back in a folder into the results folder that it was packed from; returns how many.

    What is farther at home stays. UnheardError where the code is another now, DataError, before anything is
    written, where something is damaged.
    """
    carried, entries = offload.read(folder, offload.BACK)
    offload.check(carried)
    for name, data in entries.items():
        if not name.startswith(f"{offload.WORK}/") or not files.unsealed(data):
            raise DataError(f"{folder}: {name} in it is damaged. Copy it again.")
    homes = {
        Path(carried.work) / offload.checked(name).relative_to(offload.WORK): data
        for name, data in entries.items()
    }
    new = {path: data for path, data in homes.items() if _adds(path, data)}
    for path, data in new.items():
        files.write(path, data)
    return len(new)


def _adds(path: Path, data: bytes) -> bool:
    """Whether it is more than what is there: a fit that is farther, in a round that has not ended."""
    if path.suffix != ".fit":
        return not path.exists()
    if path.parent.with_suffix(".round").exists():
        return False
    return not path.exists() or _epochs(data) > _epochs(path.read_bytes())


def _epochs(data: bytes) -> int:
    try:
        return len(msgspec.msgpack.decode(files.unsealed(data), type=Progress).fit.epochs)
    except msgspec.DecodeError:
        return -1
