"""One JSON for one value: what git keeps, and what a digest is taken of, is the same on every machine."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import msgspec


def encode(value: Any) -> bytes:
    """A value as a file that git keeps: keys sorted, indented by 1, one newline at the end.

    Structs and dataclasses become objects; numbers that are not finite become null.
    """
    plain = msgspec.to_builtins(value, str_keys=True)
    return msgspec.json.format(msgspec.json.encode(plain, order="sorted"), indent=1) + b"\n"


def line(value: Any) -> str:
    """Plain data on one line, keys sorted: equal values give equal text."""
    return json.dumps(value, sort_keys=True)


def digest(value: Any) -> str:
    """SHA-256 of that line, in hexadecimal: names plain data in a key or in a folder's name."""
    return hashlib.sha256(line(value).encode()).hexdigest()
