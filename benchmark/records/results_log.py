"""The log of a results folder, log.csv: what records cannot say of themselves. It is only ever added to.

    date,board,protocol,model,what
    2030-01-31,official,savee-loso,small-cnn,"retired: trained with another split; replaced on the same day"

`protocol` and `model` may be empty: then the line is about all of them.
"""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path

from msgspec import Struct

from benchmark.records.schema import BOARD_NAMES
from protocols.errors import RecordError

NAME = "log.csv"
HEADER = ["date", "board", "protocol", "model", "what"]
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Line(Struct, frozen=True):
    """One entry."""

    date: str  # a day
    board: str
    protocol: str
    model: str
    what: str


def read(folder: Path) -> list[Line]:
    """The lines of a results folder's log, [] where it has none; RecordError for one that makes no sense."""
    path = folder / NAME
    if path.is_symlink() or not path.is_file():
        return []
    try:
        header, *rows = [row for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8"))) if row]
    except (ValueError, csv.Error) as error:
        raise RecordError(f"{path}: is no CSV with the header {','.join(HEADER)}: {error}") from error
    if header != HEADER:
        raise RecordError(f"{path}: its first line must be {','.join(HEADER)}.")
    return [_line(path, number, row) for number, row in enumerate(rows, start=2)]


def _line(path: Path, number: int, row: list[str]) -> Line:
    if len(row) != len(HEADER) or not DAY.fullmatch(row[0]) or row[1] not in BOARD_NAMES or not row[4]:
        raise RecordError(
            f"{path}: entry {number} must have a day such as 2030-01-31, a board ({', '.join(BOARD_NAMES)}), "
            f"a protocol and a model or nothing, and what happened."
        )
    return Line(*row)


def only_added_to(now: Path, then: Path) -> bool:
    """Whether the log of a folder begins with all of what it was in an earlier one, byte for byte."""
    before = (then / NAME).read_bytes() if (then / NAME).is_file() else b""
    return not before or ((now / NAME).is_file() and (now / NAME).read_bytes().startswith(before))
