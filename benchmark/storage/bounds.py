"""What is looked at in a stranger's file before it is decoded: its kind, size, nesting, numbers and names.

A record and its predictions are text and nothing in them is run. What they could still do is to lead a reader
elsewhere (a link), or to use up its memory or its patience; these bounds are far beyond any honest record's.
"""

from __future__ import annotations

import json
import re
import stat
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from protocols.errors import RecordError

DEEPEST = 40  # brackets within brackets
LARGEST = 8 * 2**20  # bytes of a record, or of predictions once unpacked, that are read at most
WHOLE = 2**53  # beyond it JSON readers disagree about integers
LONGEST = 64  # characters of one number

STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
NUMBER = re.compile(rb"-?\d[\d.eE+-]{15,}+")  # those that may be too large
OPENS, CLOSES = (np.frombuffer(brackets, np.uint8) for brackets in (b"[{", b"]}"))


def bounded(path: Path, reader: Callable[[], bytes]) -> bytes:
    """What `reader` reads of the file at a path; RecordError where it cannot, or gives more than LARGEST."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):  # a pipe may never answer
            raise RecordError(f"{path}: cannot be read: it is no plain file")
        if found.st_size > LARGEST:
            raise _too_large(path)
        data = reader()
    except (OSError, EOFError, zlib.error) as error:
        raise RecordError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from error
    refuse_large(path, data)
    return data


def refuse_large(path: Path, data: bytes) -> None:
    """RecordError for more bytes, at a path, than are read of a record or of unpacked predictions."""
    if len(data) > LARGEST:
        raise _too_large(path)


def _too_large(path: Path) -> RecordError:
    return RecordError(f"{path}: larger than {LARGEST // 2**20} MiB; a record is never so large.")


def refuse(data: bytes) -> None:
    """ValueError, in words, for JSON text that no record has: too deep, too large a number, a name twice.

    What is no JSON at all passes: whoever decodes it says so.
    """
    plain = STRING.sub(b" ", data)
    if (depth := _depth(plain)) > DEEPEST:
        raise ValueError(f"it is nested {depth} deep; {DEEPEST} is the most that is read")
    for found in NUMBER.finditer(plain):
        number = found[0]
        if len(number) > LONGEST:
            raise ValueError(f"a number of {len(number)} characters; {LONGEST} is the most that is read")
        if number.lstrip(b"-").isdigit() and abs(int(number)) > WHOLE:
            raise ValueError(f"the integer {number.decode()} is beyond 2^53")
    try:
        json.loads(data, object_pairs_hook=_once)
    except (json.JSONDecodeError, UnicodeDecodeError):
        return


def _once(pairs: list[tuple[str, Any]]) -> None:
    """An object, in which readers disagree about a name that comes twice."""
    if len(dict(pairs)) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:60]!r} comes twice in one object")


def _depth(text: bytes) -> int:
    """The most brackets that are open at once, whether or not they match."""
    codes = np.frombuffer(text, np.uint8)
    steps = np.isin(codes, OPENS).astype(np.int8) - np.isin(codes, CLOSES).astype(np.int8)
    return int(steps.cumsum(dtype=np.int32).max(initial=0))


def strange_kind(record: Path, predictions: Path) -> str:
    """Which of a record's files and folders is a link, or no plain file, in words; "" where none is."""
    folders = record.absolute().parents[:3]  # of the model, the protocol, the board
    for path in (record, predictions, *folders):
        if path.is_symlink():
            return f"{path} is a symbolic link; a submission holds plain files and folders"
    for path in (record, predictions):
        if path.exists() and not path.is_file():
            return f"{path} is no plain file"
    return ""
