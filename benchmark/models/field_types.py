"""Whether what a model declares is of the contract's types, and comes back from a record as it was."""

from __future__ import annotations

from typing import Any

import msgspec

from benchmark.storage import bounds
from protocols.errors import PluginError


def check(declared: Any, kind: type, reference: str) -> None:
    """PluginError where a field is not of the type that the contract says, as a record would give it back."""
    if not isinstance(declared, kind):
        raise PluginError(
            f"{reference}: gives a {type(declared).__name__} where its {kind.__name__} belongs."
        )
    try:
        msgspec.json.decode(_text(declared), type=kind)
    except (TypeError, ValueError) as error:
        raise PluginError(f"{reference}: {kind.__name__}: {str(error).replace('`$.', '`')}.") from error


def plain(value: Any) -> bool:
    """Whether a record gives this back as it was: a tuple would come back as a list, infinity not at all."""
    try:
        return bool(msgspec.json.decode(_text(value)) == value)
    except (TypeError, ValueError):
        return False


def _text(value: Any) -> bytes:
    text = msgspec.json.encode(value)
    bounds.refuse(text)
    return text
