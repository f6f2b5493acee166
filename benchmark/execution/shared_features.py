"""Features on the disk that all machines of a cluster share, from which each node copies what it needs, once.

<results>/.work/features/<name>/    as in the cache (benchmark.features.feature_store)
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

import msgspec

from benchmark.execution.task import Task
from benchmark.features.chunks import FRAMES, INDEX, Index
from benchmark.storage import files
from protocols.errors import DataError, StoreError


def offer(folders: Iterable[Path], shared: Path) -> None:
    """Copy what is not there yet of these folders of features; StoreError where it cannot be written."""
    for folder in folders:
        _copy(folder, shared / folder.name)


def take(task: Task, shared: Path) -> None:
    """Copy what a fold needs into this node's cache, unless it is there.

    StoreError where it cannot be written, DataError where the copy is not what was offered.
    """
    for folder in dict.fromkeys(folder for home in task.homes for folder in home):
        if not (folder / INDEX).exists():
            with files.lock(folder.with_suffix(".lock")):  # its other slots want the same
                files.shown(shared / folder.name / INDEX)
                _copy(shared / folder.name, folder)


def _copy(source: Path, target: Path) -> None:
    """The index comes last: with it the features are whole, as its checksum says."""
    if (target / INDEX).exists():
        return
    try:
        index = (source / INDEX).read_bytes()
        facts = msgspec.json.decode(index, type=Index)
        checksum = facts.own_checksum
        with (source / FRAMES).open("rb") as frames, files.atomic(target / FRAMES) as copy:
            while part := frames.read(1 << 20):
                checksum = zlib.crc32(part, checksum)
                copy.write(part)
            if checksum != facts.checksum:
                raise DataError(f"{source}: damaged. Remove it and run the same command again.")
        files.write(target / INDEX, index)
    except StoreError:
        raise
    except (OSError, msgspec.DecodeError) as error:
        raise DataError(f"{source}: cannot be read: {error}") from error
