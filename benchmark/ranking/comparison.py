"""Two models of one board side by side: which is better by each protocol, by how much, on whose voices."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.ranking import paired
from benchmark.ranking.agreement import Agree, Agreement
from benchmark.ranking.cells import Entry
from benchmark.ranking.conditions import Conditions
from benchmark.ranking.leaderboard import Board, Kind, Table
from benchmark.ranking.overall import FEWEST, Standing
from benchmark.ranking.paired import Sample
from benchmark.ranking.reasons import Unranked
from benchmark.records.schema import ModelFacts
from benchmark.scores import difference, holm, permutation, variance
from benchmark.scores.permutation import PairedTests

TOGETHER = 32  # models whose pairs are tested at once: they share the drawn subsets, which cost the most

Pair = tuple[str, str]  # names of models
Tested = tuple[Mapping[str, Entry], Conditions]  # a protocol's entries that are tested, by model


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How far two models are apart in UAR, and how well that is known."""

    uar: float  # of the first less that of the second
    interval: tuple[float, float] | None  # differences that the test does not reject; None: too few speakers
    p: float  # two-sided, by the paired permutation test
    smallest: float  # p that so many speakers allow
    detectable: float | None  # the least true difference with 80 % power; None: no difference can be shown
    exchanged: int  # speakers by the test, or whole folds where a single seed hides training noise
    needed: int  # speakers like these with whom a true difference of 2 points has 80 % power


@dataclass(frozen=True, kw_only=True)
class ByProtocol(Difference):
    """Likewise, by one protocol."""

    adjusted: float  # p by Holm, for all protocols by which the two are compared, or are beside the ranking
    speakers: dict[str, float]  # each one's UAR under the first less that under the second

    @property
    def better(self) -> tuple[int, int]:
        """On how many speakers the first is better, and on how many the second."""
        apart = [uar for uar in self.speakers.values() if abs(uar) > permutation.SAME]
        first = sum(uar > 0 for uar in apart)
        return first, len(apart) - first

    @property
    def by_fold(self) -> bool:
        """Whether the test exchanged whole folds."""
        return self.exchanged < len(self.speakers)

    @property
    def significant(self) -> bool:
        return self.adjusted < holm.ALPHA


@dataclass(frozen=True, kw_only=True)
class OnTable:
    """Two models by one protocol. They are compared where both rank, which is under the same conditions.

    Where one does not, `beside` has the same numbers, if both have predictions for the same clips; a reader
    has to be shown the reasons with them.
    """

    table: Table
    entries: tuple[Entry | None, Entry | None]
    reasons: tuple[tuple[Unranked, ...], tuple[Unranked, ...]]  # why each does not rank, () where it does
    difference: ByProtocol | None = None
    beside: ByProtocol | None = None
    agreement: Agreement | None = None  # None too where their predictions are not at hand

    @property
    def shown(self) -> ByProtocol | None:
        """The numbers, whether both rank or not."""
        return self.difference or self.beside


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two models of one board by every protocol of which at least one of them has records."""

    board: Kind
    models: tuple[ModelFacts, ModelFacts]
    tables: tuple[OnTable, ...]
    standings: tuple[Standing | None, Standing | None]  # their overall scores
    overall: Difference | None  # of these; None where one of them has none
    beside: (
        Difference | None
    )  # then: of their mean UARs over the protocols that may count; None: fewer than 2
    over: tuple[OnTable, ...]  # what one of these two is the mean of

    @property
    def compared(self) -> tuple[OnTable, ...]:
        return tuple(each for each in self.tables if each.difference)

    @property
    def means(self) -> tuple[float, float]:
        """Their mean UARs over these; nan where there are none."""
        uars = [[entry.uar for entry in each.entries if entry] for each in self.over] or [[np.nan] * 2]
        first, second = np.mean(uars, axis=0).tolist()
        return first, second

    @property
    def folds(self) -> tuple[str, ...]:
        """Titles of the protocols by which whole folds were exchanged, not speakers."""
        whole = [each for each in self.compared if each.difference and each.difference.by_fold]
        return tuple(each.table.title for each in whole)

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
    ranked = {name: ({e.model: e for e in t.ranked}, t.conditions) for name, t in board.tables.items()}
    tests = {name: _tests([of], pairs) for name, of in ranked.items()}
    beside = {
        name: _beside(board.tables[name], of, [pair for pair in pairs if pair not in tests[name]])
        for name, of in entries.items()
    }
    standings = {one.model: one for one in board.overall.standings}
    overall = _overall(board, ranked, pairs)
    for pair in pairs:
        both, others = _differences(pair, entries, tests), _differences(pair, entries, beside)
        tables = tuple(
            _on_table(table, [entries[name].get(m) for m in pair], both.get(name), others.get(name), agree)
            for name, table in board.tables.items()
            if entries[name].keys() & set(pair)
        )
        over = tuple(each for each in tables if _counts(each, board, ranks=pair in overall))
        yield Comparison(
            board=board.kind,
            models=(board.models[pair[0]], board.models[pair[1]]),
            tables=tables,
            standings=(standings.get(pair[0]), standings.get(pair[1])),
            overall=overall.get(pair),
            beside=None if pair in overall else _mean(pair, over),
            over=over,
        )


def _overall(board: Board, ranked: Mapping[str, Tested], pairs: Sequence[Pair]) -> dict[Pair, Difference]:
    """The test of every pair of which both have an overall score."""
    standing = {one.model for one in board.overall.standings}
    covered = [
        ({model: entry for model, entry in ranked[name][0].items() if model in standing}, ranked[name][1])
        for name in board.overall.protocols
    ]
    return _tests(covered, pairs) if covered else {}


def _beside(table: Table, entries: Mapping[str, Entry], pairs: Sequence[Pair]) -> dict[Pair, Difference]:
    """The test of pairs of which one does not rank, where both have predictions for the same clips."""
    groups: dict[tuple[str, ...], dict[str, Entry]] = defaultdict(dict)
    for model, entry in entries.items():
        if _same_clips(entry, table):
            groups[tuple(entry.speaker_shares)][model] = entry
    found: dict[Pair, Difference] = {}
    for speakers, group in groups.items():
        found |= _tests([(group, table.conditions.of_speakers(speakers))], pairs)
    return found


def _same_clips(entry: Entry, table: Table) -> bool:
    """Whether an entry was tested on the table's clips, or on some speakers', as far as counts show."""
    own = table.conditions.of_speakers(entry.speaker_shares)
    counts = np.sum([row for _, row in own.clips], axis=0)
    known = len(own.clips) == len(entry.speaker_shares) and len(counts) == len(entry.matrix)
    doubted = any(reason.kind in ("invalid", "labels") for reason in entry.unranked)
    return known and not doubted and np.allclose(np.sum(entry.matrix, axis=1), counts)


def _counts(on: OnTable, board: Board, *, ranks: bool) -> bool:
    """Whether the overall score, or the mean of two models that have none, is over this protocol."""
    return on.table.protocol in board.overall.protocols if ranks else on.table.overall and bool(on.shown)


def _mean(pair: Pair, over: Sequence[OnTable]) -> Difference | None:
    """The test of two models by their mean UAR over these protocols."""
    if len(over) < FEWEST:
        return None
    tested = []
    for on in over:
        found = {entry.model: entry for entry in on.entries if entry}
        tested.append((found, on.table.conditions.of_speakers(found[pair[0]].speaker_shares)))
    return _tests(tested, [pair])[pair]


def _tests(tables: Sequence[Tested], pairs: Sequence[Pair]) -> dict[Pair, Difference]:
    """The test of every pair that all these protocols have, by the mean UAR over them."""
    models = set.intersection(*(set(entries) for entries, _ in tables))
    found: dict[Pair, Difference] = {}
    for group in _groups([pair for pair in pairs if models.issuperset(pair)]):
        names = list(dict.fromkeys(name for pair in group for name in pair))
        samples = [paired.sample([entries[name] for name in names], own) for entries, own in tables]
        whole = paired.together(samples)
        tests = whole.tests()
        for pair in group:
            i, j = (names.index(name) for name in pair)
            uar = float(np.mean([entries[pair[0]].uar - entries[pair[1]].uar for entries, _ in tables]))
            found[pair] = _difference(uar, tests, samples, whole.interval(i, j), i, j)
    return found


def _difference(
    uar: float,
    tests: PairedTests,
    samples: Sequence[Sample],
    interval: tuple[float, float] | None,
    i: int,
    j: int,
) -> Difference:
    known = variance.of_mean([sample.variance(i, j) for sample in samples])
    exchanged, smallest = int(tests.units[i, j]), float(tests.smallest[i, j])
    return Difference(
        uar=uar,
        interval=interval,
        p=float(tests.p[i, j]),
        smallest=smallest,
        detectable=difference.detectable(known, speakers=exchanged, smallest=smallest),
        exchanged=exchanged,
        needed=difference.speakers_needed(known, speakers=sum(len(sample.weights) for sample in samples)),
    )


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
    pair: Pair,
    entries: Mapping[str, Mapping[str, Entry]],
    tests: Mapping[str, Mapping[Pair, Difference]],
) -> dict[str, ByProtocol]:
    """Two models' differences by protocol, p adjusted for all of these."""
    tested = {name: of_pairs[pair] for name, of_pairs in tests.items() if pair in of_pairs}
    adjusted = holm.holm(np.array([test.p for test in tested.values()]))
    found = {}
    for (name, test), p in zip(tested.items(), adjusted, strict=True):
        first, second = (entries[name][model].speaker_uars for model in pair)
        speakers = {who: uar - second[who] for who, uar in first.items()}
        found[name] = ByProtocol(**vars(test), adjusted=float(p), speakers=speakers)
    return found


def _on_table(
    table: Table,
    entries: Sequence[Entry | None],
    difference: ByProtocol | None,
    beside: ByProtocol | None,
    agree: Agree | None,
) -> OnTable:
    first, second = entries
    return OnTable(
        table=table,
        entries=(first, second),
        reasons=(_reasons(first), _reasons(second)),
        difference=difference,
        beside=beside,
        agreement=agree(table, first, second) if agree and difference and first and second else None,
    )


def _reasons(entry: Entry | None) -> tuple[Unranked, ...]:
    """Why a model is not compared, () where it ranks."""
    return entry.unranked if entry else (Unranked("absent"),)
