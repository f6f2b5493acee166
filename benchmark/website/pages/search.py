"""What a search buys: the boards at so many trials, by what to expect on the inner folds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.ranking import search_curves
from benchmark.ranking.leaderboard import Board, Table
from benchmark.ranking.search_curves import SearchCurve
from benchmark.records.schema import Record
from benchmark.website.figures.search_lines import SearchLines, search_lines

TRIALS = (1, 2, 5, 10, 20)


@dataclass(frozen=True)
class AtTrials:
    """A protocol's models by what so many trials are expected to find."""

    table: Table
    trials: tuple[int, ...]
    curves: Mapping[str, SearchCurve]  # by model, the one with the highest end first

    def place(self, model: str, trials: int) -> int:
        """From 1, among all models, after so many trials."""
        own = self.curves[model].after(trials)
        return 1 + sum(other.after(trials) > own for other in self.curves.values())


def context(board: Board, records: Iterable[Record]) -> dict[str, Any]:
    """Each protocol by which two models or more were searched; {} where there is none."""
    curves = search_curves.by_protocol(records)
    found = [
        AtTrials(table, _shown(curves[name]), curves[name])
        for name, table in board.tables.items()
        if len(curves.get(name, {})) > 1
    ]
    return {"found": found} if found else {}


def of_model(records: Sequence[Record], board: Board) -> list[tuple[Table, SearchLines]]:
    """What the search of one model bought, by protocol."""
    curves = search_curves.by_protocol(records)
    return [
        (table, search_lines(own))
        for name, table in board.tables.items()
        for own in curves.get(name, {}).values()
    ]


def _shown(curves: Mapping[str, SearchCurve]) -> tuple[int, ...]:
    most = max(len(curve.expected) for curve in curves.values())
    return tuple(trials for trials in TRIALS if trials <= most)
