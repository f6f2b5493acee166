"""How far a record can be believed. The state is computed, never read from the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

from benchmark.records.schema import Record
from protocols.folds import Protocol

State = Literal["self-reported", "stale", "recomputed", "verified"]
MEANING: dict[State, str] = {  # weakest first
    "self-reported": "nothing of it has been checked, or it does not hold",
    "stale": "made with another version of the split than today's",
    "recomputed": "all scores follow from its predictions",
    "verified": "its winners have been refitted, and the same came out within the rules",
}
StateOf = Callable[[Record], State]


def state(
    record: Record, *, protocol: Protocol | None, problems: Sequence[str] | None, verified: bool
) -> State:
    """The state of a record.

    `protocol`: today's of that name, where there is one; `problems`: what recomputing found, None where that
    was not tried; `verified`: whether a verification of this very record is there and holds.
    """
    split = record.protocol.version, record.protocol.digest
    if protocol is not None and split != (protocol.version, protocol.digest):
        return "stale"
    if problems is None or problems:
        return "self-reported"
    return "verified" if verified else "recomputed"


def weakest(states: Iterable[State]) -> State:
    """The one that all of them reach; "self-reported" for none."""
    return min(states, key=list(MEANING).index, default="self-reported")


def unchecked(record: Record) -> State:  # noqa: ARG001
    """The state of every record where its files are not at hand."""
    return "self-reported"
