"""The leaderboard: a pure function of records. Every number is computed anew from their confusion matrices.

Records are first sorted into boards, then by protocol. Of one protocol's cells those rank together that were
made under the same conditions; the others are listed with what differs. From scratch, pretrained and
transductive models are three tracks, each with its own places.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from benchmark.ranking import cells
from benchmark.ranking.cells import TRACKS, Cell, Conditions, Entry, Track
from benchmark.ranking.overall import Overall, overall
from benchmark.records.schema import Board as Kind
from benchmark.records.schema import ModelFacts, Record
from benchmark.scores import holm, permutation
from protocols.corpora import Corpus
from protocols.folds import Protocol

KINDS: tuple[Kind, ...] = ("official", "derived", "synthetic")  # best first


@dataclass(frozen=True, kw_only=True)
class Table:
    """One protocol on one board: those that rank, best first in each track, then those that do not."""

    protocol: str
    corpus: str
    title: str
    labels: tuple[str, ...]
    overall: bool  # whether the corpus may count in the overall score
    ranks: bool = True  # False: a protocol whose records are shown and never have a place
    leaks: str = ""  # how the protocol leaks, by design
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

    def track(self, track: Track) -> tuple[Entry, ...]:
        return tuple(entry for entry in self.ranked if entry.track == track)


@dataclass(frozen=True, kw_only=True)
class Board:
    """Records of one kind of audio; kinds never meet."""

    kind: Kind
    tables: dict[str, Table]  # by protocol
    models: dict[str, ModelFacts]
    overall: Overall


def build(
    records: Iterable[Record], *, protocols: Mapping[str, Protocol], corpora: Mapping[str, Corpus]
) -> dict[Kind, Board]:
    """The boards that have records, best kind first; RecordError where a record's matrices are not counts.

    `protocols` and `corpora` are those that are known, by name: they give titles and the current digests, and
    say which corpora the overall score should have. Records of others are shown all the same.
    """
    by_kind: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_kind[record.board].append(record)
    return {k: _board(k, by_kind[k], protocols, corpora) for k in KINDS if by_kind[k]}


def _board(
    kind: Kind, records: list[Record], protocols: Mapping[str, Protocol], corpora: Mapping[str, Corpus]
) -> Board:
    by_protocol: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_protocol[record.protocol.name].append(record)
    tables, shares = {}, {}
    for name in sorted(by_protocol, key=lambda n: _order(by_protocol[n][0], protocols.get(n), corpora)):
        known = protocols.get(name)
        tables[name], shares[name] = _table(by_protocol[name], known, corpora)
    return Board(
        kind=kind,
        tables=tables,
        models={r.model.name: r.model for r in sorted(records, key=lambda r: (r.model.name, -r.seed))},
        overall=overall(
            {name: _full(table, kind) for name, table in tables.items()},
            shares,
            known={p.name: _title(p.corpora[0], corpora) for p in protocols.values() if p.overall},
        ),
    )


def _order(record: Record, protocol: Protocol | None, corpora: Mapping[str, Corpus]) -> tuple[bool, str, str]:
    overall = protocol is not None and protocol.overall
    return not overall, _titles(record, corpora), record.protocol.name


def _title(corpus: str, corpora: Mapping[str, Corpus]) -> str:
    return corpora[corpus].title if corpus in corpora else corpus


def _titles(record: Record, corpora: Mapping[str, Corpus]) -> str:
    return " + ".join(_title(copy.name, corpora) for copy in record.corpora)


def _full(table: Table, kind: Kind) -> tuple[Entry, ...]:
    """The cells that count in the overall score; the synthetic board shows how pages look, with any seeds."""
    return tuple(entry for entry in table.ranked if entry.full or kind == "synthetic")


def _table(
    records: list[Record], protocol: Protocol | None, corpora: Mapping[str, Corpus]
) -> tuple[Table, dict[str, np.ndarray]]:
    """The table, and each ranked model's shares of UAR by speaker."""
    found, facts = cells.gather(records), records[0].protocol
    corpus = "+".join(copy.name for copy in records[0].corpora)
    title = _titles(records[0], corpora)
    ranks = facts.ranks and (protocol is None or protocol.ranks)
    leaks = facts.leaks or (protocol.leaks if protocol else "")
    never = f"its protocol leaks by design: {leaks}" if leaks else "its protocol does not rank"
    conditions = _chosen(found, protocol)
    ranked: dict[str, Cell] = {}
    unranked = []
    for cell in sorted(found, key=lambda c: (-len(c.records), c.maker)):
        reason = "" if ranks and not leaks else never
        reason = reason or _reason(cell, conditions) or _pretrained_on(cell.records[0], corpora)
        if not reason and cell.maker.name in ranked:
            reason = "another version of a model that is ranked"
        if reason:
            unranked.append(replace(cells.score(cell), unranked=reason))
        else:
            ranked[cell.maker.name] = cell
    shares = {name: permutation.speaker_shares(cell.mean) for name, cell in ranked.items()}
    entries, smallest = _placed([cells.score(cell) for cell in ranked.values()], shares)
    table = Table(
        protocol=records[0].protocol.name,
        corpus=corpus,
        title=title,
        labels=conditions.labels,
        overall=protocol is not None and protocol.overall,
        ranks=ranks and not leaks,
        leaks=leaks,
        conditions=conditions,
        entries=(*entries, *sorted(unranked, key=lambda e: (e.model, e.unranked))),
        smallest_p=smallest,
    )
    return table, shares


def _chosen(found: list[Cell], protocol: Protocol | None) -> Conditions:
    """The conditions that rank: of the current split, the most trials, then the most models."""
    models: dict[Conditions, set[str]] = defaultdict(set)
    for cell in found:
        models[cell.conditions].add(cell.maker.name)

    def merit(c: Conditions) -> tuple[object, ...]:
        current = protocol is not None and c.protocol == protocol.digest
        full = c.selection == "full", c.folds is None
        epochs = float("inf") if c.epochs is None else c.epochs
        return current, *full, c.trials, len(models[c]), epochs, -len(c.missing), repr(c)

    return max(models, key=merit)


def _reason(cell: Cell, chosen: Conditions) -> str:
    """How a cell's conditions differ from those that rank, "" where they do not."""
    c = cell.conditions
    differences = {
        "another version of the split": c.protocol != chosen.protocol,
        "the miniature corpus": c.selection != chosen.selection,
        f"{_many(c.trials, 'trial')}, not {chosen.trials}": c.trials != chosen.trials,
        f"epochs: {c.epochs or 'as the recipe says'}, not {chosen.epochs or 'as the recipe says'}": c.epochs
        != chosen.epochs,
        c.extent: c.folds != chosen.folds,
        f"{_many(len(c.missing), 'clip')} missing, not {len(chosen.missing)}": c.missing != chosen.missing,
        "other labels": c.labels != chosen.labels,
        "another copy of the corpus": c.corpus != chosen.corpus,
    }
    found = [words for words, differs in differences.items() if differs]
    return "; ".join(found) or ("other test clips" if c != chosen else "")


def _many(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _pretrained_on(record: Record, corpora: Mapping[str, Corpus]) -> str:
    names = [(copy.name, _title(copy.name, corpora)) for copy in record.corpora]
    return next(filter(None, (_heard(record.model, name, title) for name, title in names)), "")


def _heard(model: ModelFacts, corpus: str, title: str) -> str:
    """Rule 6: a model whose pretraining heard the corpus does not rank on it."""
    words = {_plain(word) for source in model.pretraining for word in re.split(r"[\s,;/()+]+", source)}
    return f"its pretraining heard {title}" if words & {_plain(corpus), _plain(title)} else ""


def _plain(word: str) -> str:
    return re.sub(r"[\W_]", "", word).casefold()


def _placed(entries: list[Entry], shares: Mapping[str, np.ndarray]) -> tuple[list[Entry], float]:
    """Entries with places and p, track by track and best first, and the smallest p that is possible."""
    placed, smallest = [], 1.0
    for name in TRACKS:
        group = sorted((e for e in entries if e.track == name), key=lambda e: (-e.uar, e.model))
        if not group:
            continue
        swaps = permutation.paired_tests(np.stack([shares[e.model] for e in group]))
        uars, smallest = np.array([e.uar for e in group]), swaps.smallest
        against, ranges = holm.against_best(uars, swaps.p), holm.place_ranges(uars, swaps.p)
        for entry, p, (first, last) in zip(group, against, ranges, strict=True):
            placed.append(replace(entry, place=(int(first), int(last)), p=None if np.isnan(p) else float(p)))
    return placed, smallest
