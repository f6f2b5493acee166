"""How models do under acoustic conditions: UAR, and how sure they are, condition by condition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Board, Table
from benchmark.records.robustness import CLEAN, Robustness, Scores


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A model by one protocol, asked under conditions."""

    entry: Entry
    robustness: Robustness

    def scores(self, condition: str) -> Scores | None:
        """None where the condition could not be had."""
        return self.robustness.scores.get(condition)

    def loss(self, condition: str) -> float | None:
        """UAR under it less that on the clips as they are."""
        found = self.scores(condition)
        return found.uar - self.robustness.scores[CLEAN].uar if found else None


def context(board: Board) -> dict[str, Any]:
    """Each table with the models that were asked, the best at its worst condition first; {} without any."""
    found = [(table, own) for table in board.tables.values() if (own := asked(table))]
    everybody = [one for _, own in found for one in own]
    if not everybody:
        return {}
    digests = sorted({one.robustness.table for one in everybody})
    return {"found": found, "conditions": conditions(everybody), "clean": CLEAN, "digests": digests}


def asked(table: Table) -> list[Asked]:
    """The models of a table that were asked."""
    own = [Asked(entry=entry, robustness=entry.robustness) for entry in table.entries if entry.robustness]
    return sorted(own, key=lambda one: (-one.robustness.at_worst, one.entry.model))


def conditions(everybody: Sequence[Asked]) -> list[str]:
    """All conditions under which somebody was asked, in the table's order."""
    return list(dict.fromkeys(name for one in everybody for name in one.robustness.names))
