"""The engine's own functions and constants, to see whether a plugin has replaced one.

Then nothing that follows counts.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from operator import is_
from types import CodeType, FunctionType
from typing import Any, NamedTuple

ENGINE = ("benchmark", "protocols")
PLUGINS = ".plugin_files."  # in the names of a plugin's own modules


class Names(NamedTuple):
    """What a module or a class has, and the code of its functions, which can be exchanged, by name."""

    values: dict[str, Any]
    codes: dict[str, CodeType]


Snapshot = dict[str, Names]  # by the dotted name of a module or a class


def snapshot(libraries: Sequence[str] = ()) -> Snapshot:
    """The engine's modules and these, as far as they are imported by now, and their own classes."""
    found: Snapshot = {}
    for name, module in list(sys.modules.items()):
        if name in libraries or (name.partition(".")[0] in ENGINE and PLUGINS not in name):
            found[name] = _names(module)
            for key, value in found[name].values.items():
                if (
                    isinstance(value, type)
                    and value.__module__ == name
                    and FunctionType in map(type, vars(value).values())
                ):
                    found[f"{name}.{key}"] = _names(value)
    return found


def replaced(before: Snapshot, now: Snapshot | None = None) -> list[str]:
    """The functions, classes, methods and constants that are others now; what is new is not looked at."""
    now, found = snapshot() if now is None else now, list[str]()
    for place, names in before.items():
        others = now.get(place, Names({}, {}))
        if not _same(names, others):
            found += [f"{place}.{key}" for key in _different(names, others)]
    return found


def _names(owner: Any) -> Names:
    values = dict(vars(owner))
    return Names(
        values, {key: value.__code__ for key, value in values.items() if type(value) is FunctionType}
    )


def _same(a: Names, b: Names) -> bool:
    """Whether all is the very same; quick, since it nearly always is."""
    return (
        [*a.values] == [*b.values]
        and all(map(is_, a.values.values(), b.values.values()))
        and a.codes == b.codes
    )


def _different(before: Names, now: Names) -> list[str]:
    return [
        key
        for key, value in before.values.items()
        if (callable(value) or key.isupper())
        and (now.values.get(key) is not value or now.codes.get(key) is not before.codes.get(key))
    ]
