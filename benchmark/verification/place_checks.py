"""Does a record lie where it belongs?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmark.records import record_files
from benchmark.verification.submission import Submission


def place(found: Submission) -> Iterator[str]:
    """Board, protocol, model and seed name its folders and its file."""
    record = found.record
    wanted = record_files.place_of(Path(), record)
    if found.path.resolve().parts[-4:] != wanted.parts:
        yield f"its place must end in {wanted.as_posix()}"
