"""What the searches of a model chose from, and what they found, setting by setting."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.records import search_facts
from benchmark.records.schema import Record
from benchmark.website import filters


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One setting of a model, in words."""

    name: str
    choices: str  # "0.0001 to 100, log scale"
    own: str  # the model's own value, that of trial 0; "" where trial 0 has none
    found: str  # what won in the folds: "0.0005 to 14, median 0.2"


def settings(records: Sequence[Record]) -> list[Setting]:
    """Of all records that searched themselves; [] where nothing is searched."""
    searched = [record for record in records if search_facts.searched(record)]
    spaces = {name: space for record in searched for name, space in record.space.items()}
    return [_setting(name, space, searched) for name, space in sorted(spaces.items())]


def _setting(name: str, space: Any, searched: Sequence[Record]) -> Setting:
    trials = [fold.trials[0] for record in searched for fold in record.folds if fold.trials]
    own = next((trial.params[name] for trial in trials if name in trial.params), None)
    return Setting(
        name=name,
        choices=filters.choices(space),
        own="" if own is None else filters.value(own),
        found=_found(list(_winners(name, searched))),
    )


def _winners(name: str, searched: Sequence[Record]) -> Iterator[Any]:
    for record in searched:
        yield from (fold.params[name] for fold in record.folds if name in fold.params)


def _found(values: Sequence[Any]) -> str:
    """The range of numbers and their median; of anything else how often each was found."""
    if not values:
        return "–"
    if all(isinstance(value, int | float) and not isinstance(value, bool) for value in values):
        low, high = filters.value(min(values)), filters.value(max(values))
        middle = filters.value(statistics.median(values))
        return low if low == high else f"{low} to {high}, median {middle}"
    counts = Counter(map(filters.value, values))
    return ", ".join(f"{value} in {n} of {len(values)}" for value, n in counts.most_common(4))
