"""What goes between the judge and the process that runs a plugin: plain data and arrays.

Nothing is unpickled: what comes back may have been written by the plugin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import msgspec
import numpy as np

from protocols.contract import ClipBatch

ARRAY = 1  # code of an extension of MessagePack
MOST = 10**8  # numbers of an array that is not numeric, which comes without its content


class Given(msgspec.Struct, frozen=True):
    """What a plugin has returned: its type's name, and its content where that is an array."""

    kind: str
    array: np.ndarray
    repr: str


def encode(value: Any) -> bytes:
    """Plain data, dataclasses and arrays as bytes."""
    return msgspec.msgpack.encode(value, enc_hook=_extension)


def decode(data: bytes) -> Any:
    """The same back, dataclasses as dicts; ValueError where the bytes are no message."""
    try:
        return msgspec.msgpack.decode(data, ext_hook=_array)
    except (TypeError, RecursionError) as error:
        raise ValueError(str(error)) from error


def packed(clips: ClipBatch) -> dict[str, Any]:
    """Clips as a message."""
    return {
        "inputs": list(clips.inputs),
        "labels": clips.labels,
        "speakers": clips.speakers,
        "frames": clips.frames,
        "copies": [list(copy) for copy in clips.copies],
        "enrolment": clips.enrolment and [list(speaker) for speaker in clips.enrolment],
    }


def clips(message: Mapping[str, Any]) -> ClipBatch:
    """Clips in memory of their own."""
    copies: Sequence[Sequence[np.ndarray]] = [tuple(copy) for copy in message["copies"]]
    return ClipBatch(**{**message, "inputs": tuple(message["inputs"]), "copies": copies})


def given(value: Any) -> dict[str, Any]:
    """What a plugin has returned, as a message."""
    return {
        "kind": f"{type(value).__module__}.{type(value).__qualname__}".removeprefix("builtins."),
        "array": np.asarray(value),
        "repr": repr(value)[:80],
    }


def _extension(value: Any) -> msgspec.msgpack.Ext:
    if not isinstance(value, np.ndarray):
        raise TypeError(f"a message holds no {type(value).__name__}")
    dtype, content = ("O", b"") if value.dtype.hasobject else (value.dtype.str, value.tobytes())
    return msgspec.msgpack.Ext(ARRAY, msgspec.msgpack.encode([dtype, value.shape, content]))


def _array(code: int, data: memoryview) -> np.ndarray:
    name, shape, content = msgspec.msgpack.decode(data, type=tuple[str, tuple[int, ...], bytes])
    if code != ARRAY or prod(shape) > MOST:
        raise ValueError("no array")
    if name == "O":
        return np.full(shape, None, dtype=object)
    return np.frombuffer(content, dtype=name).reshape(shape).copy()
