"""What a figure is drawn from, and what was asked for; messages say what is missing, and what there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Board, Table
from benchmark.records import folder, homes
from benchmark.records.prediction_table import PredictionsOf
from benchmark.records.schema import Record
from benchmark.website import boards
from protocols.errors import UnheardError


@dataclass(frozen=True, kw_only=True)
class Material:
    """A board, and the models and the protocol that were named, if any."""

    board: Board
    records: Sequence[Record]  # the board's
    known: Catalogue
    predictions_of: PredictionsOf
    models: tuple[str, ...]
    protocol: str

    def title(self, model: str) -> str:
        """What a model is called."""
        return self.board.models[model].title or model

    def table(self) -> Table:
        """The protocol's; without a name, the one that there is."""
        there = self.board.tables
        if not self.protocol and len(ranking := [t for t in there.values() if t.ranks]) == 1:
            return ranking[0]
        if self.protocol not in there:
            raise UnheardError(f"{_named(self.protocol, '--protocol')}. The board has {', '.join(there)}.")
        return there[self.protocol]

    def entries(self, table: Table) -> list[Entry]:
        """Those of the named models, in this order; without names those that rank, or all, the best first."""
        first = {entry.model: entry for entry in reversed(table.entries)}
        if missing := [model for model in self.models if model not in first]:
            raise UnheardError(
                f"{missing[0]}: no results by {table.protocol}. It has {', '.join(sorted(first))}."
            )
        if self.models:
            return [first[model] for model in self.models]
        return sorted(table.ranked or table.entries, key=lambda e: (-e.uar, e.model))

    def entry(self, table: Table) -> Entry:
        """The one of the named model; without a name the best."""
        if len(self.models) > 1:
            raise UnheardError(
                f"{', '.join(self.models)}: this figure is of one model. Name one with --model."
            )
        return self.entries(table)[0]


def read(results: Iterable[Path], *, board: str | None, models: Sequence[str], protocol: str) -> Material:
    """Of the board that is named, or the best one; UnheardError where there is none, or it lacks a model."""
    found = homes.read(results)
    made = boards.of(found)
    kind = board or next(iter(made.by_kind), "")
    if kind not in made.by_kind:
        there = f"There is {', '.join(made.by_kind)}." if made.by_kind else "Name others with --results."
        raise UnheardError(
            f"{kind or 'no board'}: no records of it in {' '.join(map(str, found.folders))}. {there}"
        )
    own = made.by_kind[kind]
    if missing := [model for model in models if model not in own.models]:
        raise UnheardError(f"{missing[0]}: not on the {kind} board. It has {', '.join(sorted(own.models))}.")
    return Material(
        board=own,
        records=[record for record in found.records if record.board_name == kind],
        known=made.known,
        predictions_of=found.ask(folder.predictions),
        models=tuple(models),
        protocol=protocol,
    )


def _named(name: str, option: str) -> str:
    return f"{name}: there is no such protocol here" if name else f"which protocol? Name it with {option}"
