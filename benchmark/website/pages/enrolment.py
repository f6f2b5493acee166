"""What knowing the voice is worth: models that know more of the test speaker than the one clip."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Board, Table
from protocols.contract import ENROLMENT


@dataclass(frozen=True, kw_only=True)
class Worth:
    """A model by one protocol, without clips of the speaker and with so many."""

    model: str
    alone: Entry | None  # None where it does not rank without
    given: Mapping[str, Entry]  # by their number, of ENROLMENT

    def gain(self, clips: str) -> float | None:
        """UAR with so many clips less that without; None where one of them is not known."""
        found = self.given.get(clips)
        return found.uar - self.alone.uar if found and self.alone else None


def context(board: Board) -> dict[str, Any]:
    """Each table with its models by UAR, and those that are transductive; {} where there are none at all."""
    found = [
        (table, worths(table), [entry for entry in table.apart if entry.unranked[0].kind == "transductive"])
        for table in board.tables.values()
        if table.apart
    ]
    return {"found": found, "sizes": ENROLMENT} if found else {}


def worths(table: Table) -> list[Worth]:
    """The models with clips of the speaker, the best first; of two versions the one with more seeds."""
    given: dict[str, dict[str, Entry]] = {}
    for entry in sorted(table.apart, key=lambda entry: len(entry.seed_uars)):
        if entry.unranked[0].kind == "enrolment":
            given.setdefault(entry.model.partition("@")[0], {})[str(entry.unranked[0].here)] = entry
    alone = {entry.model: entry for entry in table.ranked}
    found = [Worth(model=name, alone=alone.get(name), given=own) for name, own in given.items()]
    return sorted(found, key=lambda one: (-max(entry.uar for entry in one.given.values()), one.model))
