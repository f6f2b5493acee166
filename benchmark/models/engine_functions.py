"""The engine's own functions and constants, to see whether a plugin has replaced one.

Then nothing that follows counts.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from types import FunctionType
from typing import Any

ENGINE = ("benchmark", "protocols")
PLUGINS = ".plugin_files."  # in the names of a plugin's own modules

Identities = dict[
    str, tuple[int, int]
]  # by dotted name: of the object, and of its code, which can be exchanged


def snapshot(libraries: Sequence[str] = ()) -> Identities:
    """Functions, classes, methods and constants of the engine's modules, and of these, if imported by now."""
    found: Identities = {}
    for name, module in list(sys.modules.items()):
        if name in libraries or (name.partition(".")[0] in ENGINE and PLUGINS not in name):
            for key, value in list(vars(module).items()):
                if callable(value) or key.isupper():
                    found[f"{name}.{key}"] = _identity(value)
                if isinstance(value, type) and value.__module__ == name:
                    own = {
                        each: thing for each, thing in vars(value).items() if isinstance(thing, FunctionType)
                    }
                    found |= {f"{name}.{key}.{each}": _identity(thing) for each, thing in own.items()}
    return found


def replaced(before: Identities) -> list[str]:
    """The names of those that are others now; modules that were imported since are not looked at."""
    now = snapshot()
    return [name for name, identity in before.items() if now.get(name) != identity]


def _identity(value: Any) -> tuple[int, int]:
    return id(value), id(getattr(value, "__code__", None))
