"""Two models of one board side by side: which is better by each protocol, by how much, on whose voices."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmark.ranking.agreement import Agree, Agreement
from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Board, Table
from benchmark.ranking.reasons import Unranked
from benchmark.records.schema import Board as Kind
from benchmark.records.schema import ModelFacts
from benchmark.scores import holm, permutation

TOGETHER = 32  # models whose pairs are tested at once: they share the drawn subsets, which cost the most

Pair = tuple[str, str]  # names of models


class Tested(NamedTuple):
    """One paired permutation test."""

    p: float
    smallest: float


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What the paired permutation test finds between two models by one protocol."""

    uar: float  # of the first less that of the second
    p: float  # two-sided
    adjusted: float  # p by Holm, for all protocols by which the two are compared
    smallest: float  # p that so many speakers allow
    speakers: dict[str, float]  # each one's UAR under the first less that under the second

    @property
    def better(self) -> tuple[int, int]:
        """On how many speakers the first is better, and on how many the second."""
        apart = [uar for uar in self.speakers.values() if abs(uar) > permutation.SAME]
        first = sum(uar > 0 for uar in apart)
        return first, len(apart) - first

    @property
    def significant(self) -> bool:
        return self.adjusted < holm.ALPHA


@dataclass(frozen=True, kw_only=True)
class OnTable:
    """Two models by one protocol. They are compared where both rank, which is under the same conditions."""

    table: Table
    entries: tuple[Entry | None, Entry | None]
    reasons: tuple[tuple[Unranked, ...], tuple[Unranked, ...]]  # why each does not rank, () where it does
    difference: Difference | None = None
    agreement: Agreement | None = None  # None too where their predictions are not at hand


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two models of one board by every protocol of which at least one of them has records."""

    board: Kind
    models: tuple[ModelFacts, ModelFacts]
    tables: tuple[OnTable, ...]

    @property
    def compared(self) -> tuple[OnTable, ...]:
        return tuple(each for each in self.tables if each.difference)

    @property
    def mean(self) -> float | None:
        """The mean difference in UAR by the protocols that may count in the overall score; None: no such."""
        found = [each.difference.uar for each in self.tables if each.difference and each.table.overall]
        return float(np.mean(found)) if found else None

    @property
    def significant(self) -> bool:
        """Whether the difference is significant by any protocol."""
        return any(each.difference.significant for each in self.tables if each.difference)


def compare(board: Board, pairs: Sequence[Pair], *, agree: Agree | None = None) -> Iterator[Comparison]:
    """Each pair of the board's models, in the order given; pairs in a row that share models cost less.

    `agree` finds how two entries agree on the test clips (`benchmark.ranking.agreement.at_hand`).
    """
    # Those that rank come first in a table, so they stay where a model has two entries.
    entries = {name: {e.model: e for e in reversed(table.entries)} for name, table in board.tables.items()}
    tests = {name: _tests(found, pairs) for name, found in entries.items()}
    for pair in pairs:
        differences = _differences(pair, entries, tests)
        tables = tuple(
            _on_table(table, [entries[name].get(model) for model in pair], differences.get(name), agree)
            for name, table in board.tables.items()
            if entries[name].keys() & set(pair)
        )
        yield Comparison(
            board=board.kind, models=(board.models[pair[0]], board.models[pair[1]]), tables=tables
        )


def _tests(entries: Mapping[str, Entry], pairs: Sequence[Pair]) -> dict[Pair, Tested]:
    """The test of every pair of which both rank by one protocol."""
    ranked = {name: list(e.speaker_shares.values()) for name, e in entries.items() if not e.unranked}
    tests: dict[Pair, Tested] = {}
    for group in _groups([pair for pair in pairs if pair[0] in ranked and pair[1] in ranked]):
        place = {name: i for i, name in enumerate(dict.fromkeys(name for pair in group for name in pair))}
        paired = permutation.paired_tests(np.array([ranked[name] for name in place]))  # (models, speakers)
        tests |= {(a, b): Tested(float(paired.p[place[a], place[b]]), paired.smallest) for a, b in group}
    return tests


def _groups(pairs: Iterable[Pair]) -> Iterator[list[Pair]]:
    """The pairs in their order, in groups of which none has more than so many models."""
    group: list[Pair] = []
    models: set[str] = set()
    for pair in pairs:
        if len(models | set(pair)) > TOGETHER:
            yield group
            group, models = [], set()
        group.append(pair)
        models |= set(pair)
    if group:
        yield group


def _differences(
    pair: Pair, entries: Mapping[str, Mapping[str, Entry]], tests: Mapping[str, Mapping[Pair, Tested]]
) -> dict[str, Difference]:
    """Two models' differences by protocol, p adjusted for all of these."""
    tested = {name: of_pairs[pair] for name, of_pairs in tests.items() if pair in of_pairs}
    adjusted = holm.holm(np.array([test.p for test in tested.values()]))
    return {
        name: _difference(*(entries[name][model] for model in pair), test=test, adjusted=float(p))
        for (name, test), p in zip(tested.items(), adjusted, strict=True)
    }


def _difference(first: Entry, second: Entry, *, test: Tested, adjusted: float) -> Difference:
    return Difference(
        uar=first.uar - second.uar,
        p=test.p,
        adjusted=adjusted,
        smallest=test.smallest,
        speakers={who: uar - second.speaker_uars[who] for who, uar in first.speaker_uars.items()},
    )


def _on_table(
    table: Table, entries: Sequence[Entry | None], difference: Difference | None, agree: Agree | None
) -> OnTable:
    first, second = entries
    return OnTable(
        table=table,
        entries=(first, second),
        reasons=(_reasons(first), _reasons(second)),
        difference=difference,
        agreement=agree(table, first, second) if agree and difference and first and second else None,
    )


def _reasons(entry: Entry | None) -> tuple[Unranked, ...]:
    """Why a model is not compared, () where it ranks."""
    return entry.unranked if entry else (Unranked("absent"),)
