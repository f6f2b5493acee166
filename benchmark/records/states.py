"""How far a record can be believed. The state is computed, never read from the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from benchmark.records.schema import Record
from protocols.folds import Protocol

State = Literal["invalid", "stale", "self-reported", "recomputed", "verified"]
MEANING: dict[State, str] = {  # weakest first
    "invalid": "something in it does not hold, or a refit differs, as `verify` shows; it never ranks",
    "stale": "made with another version of the split, the engine or the model than today's; it never ranks",
    "self-reported": "nothing of it has been checked",
    "recomputed": "all scores follow from its predictions; not checked: whether the model makes these "
    "predictions, which only a refit shows",
    "verified": "its winners have been refitted, and the same came out within tolerance; not checked: the "
    "search that found them",
}
StateOf = Callable[[Record], State]


def outdated(record: Record, *, protocol: Protocol | None, engine: int, source: str | None) -> list[str]:
    """What it was made with that is not today's, each in a few words; [] for a record that is not stale.

    `protocol`: today's of that name; `engine`: that of search and training; `source`: the digest of what
    the model of that name runs. None: it is not installed here, so nobody knows.
    """
    split = record.protocol.version, record.protocol.digest
    found = []
    if protocol is not None and split != (protocol.version, protocol.digest):
        found.append(f"its split is not {protocol.name} version {protocol.version} ({protocol.digest[:12]})")
    if record.key.get("training") != engine:
        found.append(f"its engine is version {record.key.get('training')!s:.20}, today's is {engine}")
    if source is not None and record.model.source != source:
        found.append(f"its source is not that of the {record.model.name} that is installed ({source[:12]})")
    return found


def state(*, outdated: Sequence[str], problems: Sequence[str] | None, verified: bool) -> State:
    """The state of a record.

    `outdated`: see there; `problems`: what recomputing found, None where it could not be tried; `verified`:
    whether a verification of this very record is there and holds.
    """
    if problems:
        return "invalid"
    if outdated:
        return "stale"
    if problems is None:
        return "self-reported"
    return "verified" if verified else "recomputed"


def weakest(states: Iterable[State]) -> State:
    """The one that all of them reach; "self-reported" for none."""
    return min(states, key=list(MEANING).index, default="self-reported")


def unchecked(record: Record) -> State:  # noqa: ARG001
    """The state of every record where its files are not at hand."""
    return "self-reported"
