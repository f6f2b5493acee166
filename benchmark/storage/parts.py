"""Many small files in few of a limited size, for a way that takes no others.

<folder>/<name>.<generation>.<k>-of-<n>    each sealed by its checksum

A newer generation takes the place of the one before only once all its parts are there.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

from benchmark.storage import files
from protocols.errors import DataError

LARGEST = 16 * 2**20  # bytes of a part
PART = re.compile(r"(?P<name>[\w-]+)\.(?P<generation>\d+)\.(?P<k>\d+)-of-(?P<n>\d+)")


def write(folder: Path, name: str, entries: Mapping[str, bytes], *, largest: int = LARGEST) -> list[Path]:
    """Put these files into a folder under one name; returns its parts. StoreError where that cannot be."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for entry, data in sorted(entries.items()):
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED, compresslevel=1)
    whole, room = buffer.getvalue(), largest - len(files.sealed(b""))
    pieces = [whole[start : start + room] for start in range(0, len(whole), room)]
    before = _generations(folder, name)
    generation = max(before, default=0) + 1
    made = [folder / f"{name}.{generation}.{k}-of-{len(pieces)}" for k in range(1, 1 + len(pieces))]
    for path, piece in zip(made, pieces, strict=True):
        files.write(path, files.sealed(piece))
    for older in before.values():
        for path in older.values():
            path.unlink(missing_ok=True)
    return made


def read(folder: Path, name: str) -> dict[str, bytes]:
    """The files under this name, of the newest generation that is whole; {} where there never was one.

    DataError, naming what is missing or damaged, where none is whole.
    """
    problem = ""
    for _, parts in sorted(_generations(folder, name).items(), reverse=True):
        n = int(PART.fullmatch(next(iter(parts.values())).name)["n"])  # type: ignore[index]
        pieces = [files.unsealed(parts[k].read_bytes()) if k in parts else b"" for k in range(1, n + 1)]
        if all(pieces):
            with zipfile.ZipFile(io.BytesIO(b"".join(pieces))) as archive:
                return {entry: archive.read(entry) for entry in archive.namelist()}
        k = pieces.index(b"") + 1
        problem = problem or f"part {k} of {n} of {name} is {'damaged' if k in parts else 'missing'}"
    if problem:
        raise DataError(f"{folder}: {problem}. Copy it again.")
    return {}


def _generations(folder: Path, name: str) -> dict[int, dict[int, Path]]:
    """The parts by generation and number."""
    found: dict[int, dict[int, Path]] = {}
    for path in folder.glob(f"{name}.*"):
        if (part := PART.fullmatch(path.name)) and part["name"] == name:
            found.setdefault(int(part["generation"]), {})[int(part["k"])] = path
    return found
