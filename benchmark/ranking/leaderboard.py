"""The leaderboard: a pure function of records. Every number is computed anew from their confusion matrices.

Records are first sorted into boards, by audio and budget, then by protocol. Of one protocol's cells those
rank together that were made under the same conditions; the others are listed with what differs. From scratch
and pretrained models are two tracks, each with its own places; a model that knows more of the test speaker
than the one clip has none. A protocol that does not rank, such as one that leaks by design, has a table and
no places.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.ranking import cells, conditions, paired, titles
from benchmark.ranking.cells import TRACKS, Cell, Entry, Track
from benchmark.ranking.conditions import Conditions
from benchmark.ranking.overall import Overall, overall
from benchmark.ranking.reasons import Unranked
from benchmark.records.robustness import Robustness, RobustnessOf, unmeasured
from benchmark.records.schema import BOARD_NAMES, ModelFacts, ProtocolFacts, Record
from benchmark.records.schema import Board as Audio
from benchmark.records.states import StateOf, unchecked
from benchmark.scores import holm
from protocols.corpora import Corpus
from protocols.folds import Protocol

Kind = str  # of benchmark.records.schema.BOARD_NAMES: "derived", or "derived-small"


@dataclass(frozen=True, kw_only=True)
class Table:
    """One protocol on one board: those that rank, best first in each track, then those that do not."""

    protocol: str
    corpora: tuple[str, ...]
    title: str
    labels: tuple[str, ...]
    ranks: bool  # False: no entry has a place
    leaks: str  # how the protocol leaks, by design; "" = not at all
    overall: bool  # whether the protocol may count in the overall score
    inner_folds: int | None  # the fewest of any outer fold; None where the protocol is not known
    conditions: Conditions
    entries: tuple[Entry, ...]
    smallest_p: float

    @property
    def chance(self) -> float:
        """UAR of guessing."""
        return 1 / len(self.labels)

    @property
    def ranked(self) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.entries if not entry.unranked)

    @property
    def apart(self) -> tuple[Entry, ...]:
        """Those that would rank if they knew no more of the test speaker than the one clip."""
        kinds = ("enrolment", "transductive")
        return tuple(entry for entry in self.entries if entry.unranked and entry.unranked[0].kind in kinds)

    def track(self, track: Track) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.ranked if entry.track == track)


@dataclass(frozen=True, kw_only=True)
class Board:
    """Records of one kind of audio and one budget; kinds never meet."""

    kind: Kind
    audio: Audio
    small: bool  # whether it is of the small budget (docs/rules.md#two-budgets)
    tables: dict[str, Table]  # by protocol
    models: dict[str, ModelFacts]
    overall: Overall


def build(
    records: Iterable[Record],
    *,
    protocols: Mapping[str, Protocol],
    corpora: Mapping[str, Corpus],
    state_of: StateOf = unchecked,
    robustness_of: RobustnessOf = unmeasured,
) -> dict[Kind, Board]:
    """The boards that have records, best first; RecordError where a record's matrices are not counts.

    `protocols` and `corpora` are those that are known, by name: they give titles and the current digests, and
    say which protocols rank and count in the overall score. Records of others are shown all the same. So are
    records that `state_of` finds stale or invalid, and never rank. `robustness_of` changes no place,
    and is not asked about invalid ones.
    """

    def asked(record: Record) -> Robustness | None:
        return None if state_of(record) == "invalid" else robustness_of(record)

    by_kind: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_kind[record.board_name].append(record)
    return {
        kind: _board(kind, by_kind[kind], protocols, corpora, state_of, asked)
        for kind in BOARD_NAMES
        if by_kind[kind]
    }


def _board(
    kind: Kind,
    records: list[Record],
    protocols: Mapping[str, Protocol],
    corpora: Mapping[str, Corpus],
    state_of: StateOf,
    robustness_of: RobustnessOf,
) -> Board:
    by_protocol: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_protocol[record.protocol.name].append(record)
    tables = [_table(own, protocols, corpora, state_of, robustness_of) for own in by_protocol.values()]
    tables.sort(key=lambda table: (not table.overall, not table.ranks, table.title, table.protocol))
    counting = {
        p.name: titles.of_protocol(p.name, p.corpora, protocols=protocols, corpora=corpora)
        for p in protocols.values()
        if p.overall
    }
    audio = records[0].board
    return Board(
        kind=kind,
        audio=audio,
        small=records[0].budget.small,
        tables={table.protocol: table for table in tables},
        models=_models(records, state_of),
        overall=overall(
            {table.protocol: (_full(table, audio), table.conditions) for table in tables}, known=counting
        ),
    )


def _models(records: Iterable[Record], state_of: StateOf) -> dict[str, ModelFacts]:
    """What each model declares, by its first seed; what a record says that never ranks counts for less.

    Where several are called so, by the one with the most records: one more renames nobody.
    """
    known = [(record, conditions.doubt(record, state_of(record)) is None) for record in records]
    of_maker = Counter((cells.maker(record), ranks) for record, ranks in known)

    def order(one: tuple[Record, bool]) -> tuple[object, ...]:
        record, ranks = one
        return record.model.name, ranks, of_maker[cells.maker(record), ranks], -record.seed

    return {record.model.name: record.model for record, _ in sorted(known, key=order)}


def _full(table: Table, audio: Audio) -> tuple[Entry, ...]:
    """The cells that count in the overall score; the synthetic board shows how pages look, with any seeds."""
    return tuple(entry for entry in table.ranked if entry.full or audio == "synthetic")


def _table(
    records: list[Record],
    protocols: Mapping[str, Protocol],
    corpora: Mapping[str, Corpus],
    state_of: StateOf,
    robustness_of: RobustnessOf,
) -> Table:
    name = records[0].protocol.name
    protocol, found = protocols.get(name), cells.gather(records, state_of, robustness_of)
    choosing = [cell for cell in found if _may_rank(cell.records[0].model)] or found
    own = conditions.chosen(((cell.maker.name, cell.conditions) for cell in choosing), protocol)
    never = _never([protocol] if protocol else _declared(c for c in found if c.conditions == own))
    on = protocol.corpora if protocol else _corpora(c for c in found if c.conditions == own)
    named = [(corpus, titles.of_corpus(corpus, corpora)) for corpus in on]
    ranked, unranked = _sorted_out(found, own, never, named)
    entries, smallest = _placed([cells.score(cell) for cell in ranked.values()], own)
    return Table(
        protocol=name,
        corpora=on,
        title=titles.of_protocol(name, on, protocols=protocols, corpora=corpora),
        labels=own.labels,
        ranks=not never,
        leaks=next((str(one.here) for one in never if one.kind == "leaks"), ""),
        overall=protocol is not None and protocol.overall,
        inner_folds=min(len(fold.validation) for fold in protocol.folds) if protocol else None,
        conditions=own,
        entries=(*entries, *sorted(unranked, key=lambda e: (e.model, repr(e.unranked)))),
        smallest_p=smallest,
    )


def _sorted_out(
    found: Iterable[Cell], own: Conditions, never: tuple[Unranked, ...], on: Sequence[tuple[str, str]]
) -> tuple[dict[str, Cell], list[Entry]]:
    """The cells that rank by model, those with the most seeds first, and the entries that do not.

    `never`: why nobody ranks, whatever the conditions; `on`: names and titles of the corpora.
    """
    ranked: dict[str, Cell] = {}
    unranked = []
    for cell in sorted(found, key=lambda c: (-len(c.records), c.maker)):
        reasons = (never or _never(_declared([cell]))) + conditions.differences(cell.conditions, own)
        model = cell.records[0].model
        reasons = _variant(model) + (reasons or _pretraining(model, on) or _enrolment(model))
        if not reasons and cell.maker.name in ranked:
            reasons = (Unranked("version", cell.maker.version),)
        if reasons:
            unranked.append(replace(cells.score(cell), unranked=reasons))
        else:
            ranked[cell.maker.name] = cell
    return ranked, unranked


def _corpora(found: Iterable[Cell]) -> tuple[str, ...]:
    """Those that the first of these cells declares; () where there is none."""
    return tuple(copy.name for cell in list(found)[:1] for copy in cell.records[0].corpora)


def _declared(found: Iterable[Cell]) -> list[ProtocolFacts]:
    """What the records of these cells declare of their protocol: its file may not be installed."""
    return [record.protocol for cell in found for record in cell.records]


def _never(declared: Sequence[Protocol | ProtocolFacts]) -> tuple[Unranked, ...]:
    """Why nobody ranks by a protocol, whatever the conditions; () where all declare that it ranks.

    See docs/rules.md#unheard.
    """
    if leaks := next((one.leaks for one in declared if one.leaks), ""):
        return (Unranked("leaks", leaks),)
    return () if all(one.ranks for one in declared) else (Unranked("protocol"),)


def _pretraining(model: ModelFacts, on: Sequence[tuple[str, str]]) -> tuple[Unranked, ...]:
    """A model that was trained on a corpus before does not rank on it (docs/rules.md#outside-data)."""
    words = {_plain(word) for source in model.pretraining for word in re.split(r"[\s,;/()+]+", source)}
    return tuple(
        Unranked("pretraining", title) for name, title in on if words & {_plain(name), _plain(title)}
    )


def _variant(model: ModelFacts) -> tuple[Unranked, ...]:
    """A model's variants show what its parts are worth, and are no entrants (docs/rules.md#variants)."""
    return (Unranked("variant", model.variant_of),) if model.variant_of else ()


def _may_rank(model: ModelFacts) -> bool:
    return not model.variant_of and cells.track(model) in TRACKS


def _enrolment(model: ModelFacts) -> tuple[Unranked, ...]:
    """A model that knows more of the test speaker than the clip does not rank (docs/rules.md#enrolment)."""
    if model.enrolment:
        return (Unranked("enrolment", model.enrolment),)
    return (Unranked("transductive"),) if model.transductive else ()


def _plain(word: str) -> str:
    return re.sub(r"[\W_]", "", word).casefold()


def _placed(entries: list[Entry], own: Conditions) -> tuple[list[Entry], float]:
    """Entries with places and p, track by track and best first, and the smallest p that is possible."""
    placed, smallest = [], 1.0
    for name in TRACKS:
        group = sorted((e for e in entries if e.track == name), key=lambda e: (-e.uar, e.model))
        if not group:
            continue
        tests = paired.sample(group, own).tests()
        uars, smallest = np.array([e.uar for e in group]), min(smallest, float(tests.smallest.min()))
        against, ranges = holm.against_best(uars, tests.p), holm.place_ranges(uars, tests.p)
        for entry, p, (first, last) in zip(group, against, ranges, strict=True):
            placed.append(replace(entry, place=(int(first), int(last)), p=None if np.isnan(p) else float(p)))
    return placed, smallest
