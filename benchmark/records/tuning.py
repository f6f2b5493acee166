"""How a model's settings came about: by a search in each fold, or fixed in its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.records import search_facts
from benchmark.records.schema import Record


@dataclass(frozen=True, kw_only=True)
class Tuning:
    """Of all records of a model; protocols without a search say nothing of it."""

    searched: tuple[str, ...] = ()  # the settings that its searches choose
    trials: tuple[int, ...] = ()  # that a fold's search may take, where something is searched
    anew: bool | None = None  # whether seeds beside 0 search by themselves; None: no search, or one seed
    fixed: Mapping[str, Any]  # the settings that no search changes


def tuning(records: Iterable[Record]) -> Tuning:
    """What was searched, by how many trials, and what was not."""
    every = list(records)
    choosing = [one for one in every if one.space and search_facts.searched(one)]
    names = sorted(set().union(*(one.space for one in choosing)))
    protocols = {one.protocol.name for one in choosing}
    others = [one for one in every if one.seed and one.protocol.name in protocols]
    return Tuning(
        searched=tuple(names),
        trials=tuple(sorted({one.budget.trials for one in choosing})),
        anew=any(map(search_facts.searched, others)) if others else None,
        fixed={
            name: value for one in every for name, value in _defaults(one).items() if name not in one.space
        },
    )


def _defaults(record: Record) -> Mapping[str, Any]:
    found = record.key.get("defaults")
    return found if isinstance(found, Mapping) else {}
