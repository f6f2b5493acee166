"""Finds corpora, protocols and models by name, ours and other people's alike, through entry points."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Literal

from protocols.errors import PluginError, RegistryError

Group = Literal["corpora", "protocols", "models"]


@cache
def entries(group: Group) -> dict[str, EntryPoint]:
    """All entry points of `unheard.<group>` by name; two with one name are an error that names both."""
    # An editable install and its own checkout both describe the same plugin: equal entries are one.
    found = set(entry_points(group=f"unheard.{group}"))
    twice = [name for name, n in Counter(e.name for e in found).items() if n > 1]
    if twice:
        values = ", ".join(sorted(_described(e) for e in found if e.name == twice[0]))
        raise RegistryError(f"two {group} are called {twice[0]!r}: {values}. Uninstall one of them.")
    return {entry.name: entry for entry in sorted(found, key=lambda e: e.name)}


def names(group: Group) -> list[str]:
    """The names of all installed plugins of a group, sorted."""
    return list(entries(group))


def load(group: Group, name: str) -> Any:
    """Import the plugin called `name`.

    RegistryError names the nearest ones where there is none; PluginError says why it cannot be imported.
    """
    if name not in entries(group):
        raise RegistryError(unknown(group, name, names(group)))
    entry = entries(group)[name]
    try:
        return entry.load()
    except (Exception, SystemExit) as error:  # it is somebody else's code
        cure = f"Repair or uninstall {package(entry) or entry.value}."
        raise PluginError(
            f"{name}: cannot be imported: {type(error).__name__}: {str(error).rstrip('.')}. {cure}"
        ) from error


def package(entry: EntryPoint) -> str:
    """The distribution that brought a plugin, with its version; "" where that is not known."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else ""


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """A message for a name that does not exist: which, what is near it, what there is."""
    known = list(known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"Known: {', '.join(known) or 'none'}."
    return f"{kind}: there is no {name!r}. {hint}"


def _described(entry: EntryPoint) -> str:
    return f"{entry.value} (of {package(entry)})" if package(entry) else entry.value
