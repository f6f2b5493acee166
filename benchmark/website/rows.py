"""The overview's rows: a model of a board with its entries by every protocol that ranks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from benchmark.ranking import cells
from benchmark.ranking.cells import TRACKS, Entry, Track, track
from benchmark.ranking.leaderboard import Board, Table
from benchmark.ranking.overall import Standing
from benchmark.ranking.reasons import Note
from benchmark.records.schema import Cost, ModelFacts, Speed
from benchmark.records.states import State, weakest
from benchmark.records.tuning import Tuning


@dataclass(frozen=True, kw_only=True)
class Row:
    """One model on the overview."""

    model: ModelFacts
    standing: Standing | None
    entries: dict[str, Entry]  # by protocol; the one that ranks where there are two
    states: tuple[State, ...] = ()  # of the model's records on this board
    tuning: Tuning | None = None  # None where the records are not at hand

    @property
    def seeds(self) -> tuple[int, int]:
        counts = [len(entry.seed_uars) for entry in self.entries.values()]
        return min(counts), max(counts)

    @property
    def cost(self) -> Cost | None:
        """By the protocol under which it costs most."""
        costs = [entry.cost for entry in self.entries.values() if entry.cost]
        return max(costs, key=cells.size, default=None)

    @property
    def speed(self) -> Speed | None:
        """The fastest by any protocol: one clip of 3 s costs all alike, and a busy machine only slows."""
        found = [entry.speed for entry in self.entries.values() if entry.speed]
        return min(found, key=lambda speed: speed.latency, default=None)

    @property
    def latency(self) -> float | None:
        """Milliseconds."""
        return self.speed.latency if self.speed else None

    @property
    def weights(self) -> int | None:
        """Bytes, of the cost above."""
        return self.cost.weights if self.cost else None

    def training(self, protocol: str | None = None) -> float | None:
        """Seconds of work that one seed's search and last fits took, by a protocol or the mean over all."""
        works = [e.work for name, e in self.entries.items() if protocol in (None, name) and e.work]
        return sum(works) / len(works) if works else None

    @property
    def parameters(self) -> int | None:
        counts = [e.parameters for e in self.entries.values() if e.parameters is not None]
        return self.cost.parameters if self.cost else max(counts, default=None)

    @property
    def state(self) -> State:
        """What all its records reach."""
        return weakest(self.states)

    @property
    def ranks(self) -> bool:
        """Whether it ranks by any protocol."""
        return any(not entry.unranked for entry in self.entries.values())

    @property
    def notes(self) -> tuple[Note, ...]:
        return tuple(dict.fromkeys(note for e in self.entries.values() for note in e.notes))


def rows(
    board: Board,
    states: Mapping[str, Sequence[State]] = {},
    tuning: Mapping[str, Tuning] = {},
) -> dict[Track, list[Row]]:
    """The overview's rows by track: by overall score, then those without one.

    A variant has no row, nor has a model that has records of protocols that do not rank alone. `states`: of
    each model's records on this board, `tuning`: how its settings came about, where they are known.
    """
    standings = {s.model: s for s in board.overall.standings}
    found_in: dict[str, dict[str, Entry]] = defaultdict(dict)  # by model, then protocol
    for name, table in ranking_tables(board).items():
        for entry in reversed(table.entries):  # those that rank come first, so they stay
            found_in[entry.model][name] = entry
    found = [
        Row(
            model=facts,
            standing=standings.get(name),
            entries=found_in[name],
            states=tuple(states.get(name, ())),
            tuning=tuning.get(name),
        )
        for name, facts in sorted(board.models.items())
        if name in found_in and not facts.variant_of
    ]
    found.sort(key=_merit)
    return {name: [row for row in found if track(row.model) == name] for name in TRACKS}


def _merit(row: Row) -> tuple[float, ...]:
    """By the overall score; without one by the number of protocols by which the model ranks, then by UAR."""
    uars = [entry.uar for entry in row.entries.values() if not entry.unranked]
    mean = sum(uars) / max(len(uars), 1)
    return (-row.standing.uar,) if row.standing else (1, -len(uars), -mean)


def ranking_tables(board: Board) -> dict[str, Table]:
    """The tables of the protocols that rank, by protocol."""
    return {name: table for name, table in board.tables.items() if table.ranks}


def shared_notes(found: Mapping[Track, Sequence[Row]]) -> tuple[Note, ...]:
    """Notes that every row has: they are shown once."""
    notes = [row.notes for group in found.values() for row in group]
    return tuple(note for note in notes[0] if all(note in others for others in notes)) if notes else ()
