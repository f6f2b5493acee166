"""What each page of the site shows: plain data from boards and records, no markup, no disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmark import cells, wording
from benchmark.cells import TRACKS, Entry, Track, track
from benchmark.leaderboard import Board, Kind, Table
from benchmark.overall import Standing
from benchmark.records import Cost, FoldFacts, ModelFacts, Record
from protocols.corpora import Corpus
from protocols.folds import Protocol

STRIPS = 5  # models of a corpus whose speakers are drawn


class Page(NamedTuple):
    path: str  # in the site, with slashes
    template: str
    context: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Published:
    """A result that others report, and how they came by it: a row of protocols/published.csv."""

    source: str
    year: str
    model: str
    corpus: str  # title
    metric: str
    percent: float
    protocol: str  # as they describe it
    speaker_independent: bool
    parameters: float | None
    note: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known besides records, by name."""

    protocols: Mapping[str, Protocol]
    corpora: Mapping[str, Corpus]
    published: Sequence[Published]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One model on the overview."""

    model: ModelFacts
    standing: Standing | None
    entries: dict[str, Entry]  # by protocol; the one that ranks where there are two

    @property
    def seeds(self) -> tuple[int, int]:
        counts = [len(entry.seed_uars) for entry in self.entries.values()]
        return min(counts), max(counts)

    @property
    def cost(self) -> Cost | None:
        """On the corpus where it costs most."""
        costs = [entry.cost for entry in self.entries.values() if entry.cost]
        return max(costs, key=cells.size, default=None)

    @property
    def latency(self) -> float | None:
        """Milliseconds, the longest on any corpus."""
        return max((e.speed.latency for e in self.entries.values() if e.speed), default=None)

    @property
    def parameters(self) -> int | None:
        counts = [e.parameters for e in self.entries.values() if e.parameters is not None]
        return self.cost.parameters if self.cost else max(counts, default=None)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(note for e in self.entries.values() for note in e.notes))


@dataclass(frozen=True)
class Search:
    """What the search of one fold tried, and what won."""

    fold: FoldFacts

    @property
    def states(self) -> str:
        states = [trial.state for trial in self.fold.trials]
        return ", ".join(f"{states.count(s)} {s}" for s in ("complete", "pruned", "failed") if s in states)

    @property
    def default(self) -> float | None:
        return self.fold.trials[0].uar if self.fold.trials else None

    @property
    def best(self) -> float | None:
        uars = [t.uar for t in self.fold.trials if t.state == "complete" and t.uar is not None]
        return max(uars, default=None)


def pages(boards: Mapping[Kind, Board], records: Sequence[Record], known: Known) -> Iterator[Page]:
    """All pages; index.html shows the best board that has records."""
    common = {"boards": list(boards)}
    if not boards:
        yield Page("index.html", "empty.html", common)
    for number, (kind, board) in enumerate(boards.items()):
        context = {**common, "board": board, "kind": kind}
        by_track = rows(board)
        seen = {**context, "rows": by_track, "shared": shared_notes(by_track)}
        if number == 0:
            yield Page("index.html", "overview.html", seen)
        yield Page(f"{kind}/index.html", "overview.html", seen)
        for table in board.tables.values():
            path = f"{kind}/corpus/{wording.slug(table.protocol)}.html"
            yield Page(path, "corpus.html", {**context, **corpus_page(table, board, known)})
        by_model: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            if record.board == kind:
                by_model[record.model.name].append(record)
        for name, facts in sorted(board.models.items()):
            path = f"{kind}/model/{wording.slug(name)}.html"
            yield Page(path, "model.html", {**context, **model_page(facts, by_model[name], board)})


def rows(board: Board) -> dict[Track, list[Row]]:
    """The overview's rows by track: by overall score, then those without one by name."""
    standings = {s.model: s for s in board.overall.standings}
    found_in: dict[str, dict[str, Entry]] = defaultdict(dict)  # by model, then protocol
    for name, table in board.tables.items():
        for entry in reversed(table.entries):  # those that rank come first, so they stay
            found_in[entry.model][name] = entry
    found = [
        Row(model=facts, standing=standings.get(name), entries=found_in[name])
        for name, facts in sorted(board.models.items())
    ]
    found.sort(key=lambda row: -row.standing.uar if row.standing else 1)
    return {name: [row for row in found if track(row.model) == name] for name in TRACKS}


def shared_notes(found: Mapping[Track, Sequence[Row]]) -> tuple[str, ...]:
    """Notes that every row has: they are told once."""
    notes = [row.notes for group in found.values() for row in group]
    return tuple(note for note in notes[0] if all(note in others for others in notes))


def corpus_page(table: Table, board: Board, known: Known) -> dict[str, Any]:
    """The corpus, its folds, its results here and elsewhere."""
    corpus = known.corpora.get(table.corpus)
    clips = corpus.manifest if corpus else ()
    heard = [sum(row[1][i] for row in table.conditions.clips) for i in range(len(table.labels))]
    emotions = [clip.emotion for clip in clips]
    return {
        "table": table,
        "corpus": corpus,
        "protocol": known.protocols.get(table.protocol),
        "models": board.models,
        "counts": [(lb, emotions.count(lb), n) for lb, n in zip(table.labels, heard, strict=True)],
        "clips": len(clips),
        "best": max(table.ranked, key=lambda e: e.uar, default=None),
        "strips": sorted(table.ranked, key=lambda e: (-e.uar, e.model))[:STRIPS],
        "published": [row for row in known.published if row.corpus == table.title],
    }


def model_page(facts: ModelFacts, records: Sequence[Record], board: Board) -> dict[str, Any]:
    """The model, its results on each corpus, its search and where its records come from."""
    order = list(board.tables)
    records = sorted(records, key=lambda r: (order.index(r.protocol.name), r.seed))
    results = [
        (table, entry)
        for table in board.tables.values()
        for entry in table.entries
        if entry.model == facts.name
    ]
    return {
        "model": facts,
        "track": track(facts),
        "standing": next((s for s in board.overall.standings if s.model == facts.name), None),
        "results": results,
        "costs": [(table, entry) for table, entry in results if entry.cost],
        "records": records,
        "searches": [
            (board.tables[r.protocol.name], r, [Search(fold) for fold in r.folds])
            for r in records
            if any(fold.trials for fold in r.folds)
        ],
        "environments": list({repr(r.environment): r.environment for r in records}.values()),
    }
