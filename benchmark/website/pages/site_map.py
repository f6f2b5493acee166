"""All pages of the site: plain data from boards and records, no markup, no disk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board, Kind
from benchmark.records.prediction_table import PredictionsOf
from benchmark.records.schema import Record
from benchmark.records.states import StateOf, unchecked
from benchmark.website import filters, rows
from benchmark.website.pages import (
    compare,
    enrolment,
    ladder,
    model,
    overview,
    protocol,
    published,
    robustness,
    search,
)


class Page(NamedTuple):
    """A page before it is written."""

    path: str  # in the site, with slashes
    template: str
    context: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What pages are made from besides boards."""

    records: Sequence[Record]
    known: Catalogue
    predictions_of: PredictionsOf
    state_of: StateOf = unchecked  # how far each record is checked


def pages(boards: Mapping[Kind, Board], sources: Sources) -> Iterator[Page]:
    """All pages; index.html shows the best board that has records."""
    common = {"boards": list(boards), "here": ""}
    if not boards:
        yield Page("index.html", "empty.html", common)
    files = {kind: _files(board) for kind, board in boards.items()}
    for name in ("methods", "submit", "data"):
        yield Page(
            f"{name}.html",
            f"{name}.html",
            {**common, "known": sources.known, "files": files, "here": name},
        )
    for number, board in enumerate(boards.values()):
        for page in _board(board, sources):
            whole = page._replace(context={**common, "board": board, "kind": board.kind, **page.context})
            yield whole
            if number == 0 and page.template == "overview.html":
                yield whole._replace(path="index.html")


def _board(board: Board, sources: Sources) -> Iterator[Page]:
    """The pages of one board."""
    by_model: dict[str, list[Record]] = defaultdict(list)
    for record in sources.records:
        if record.board_name == board.kind:
            by_model[record.model.name].append(record)
    states = {name: [sources.state_of(record) for record in own] for name, own in by_model.items()}
    by_track = rows.rows(board, states)
    populations = {
        name: sources.known.population(name, table.corpora) for name, table in board.tables.items()
    }
    counts = Counter(state for of_model in states.values() for state in of_model)
    yield Page(f"{board.kind}/index.html", "overview.html", overview.context(board, by_track, counts))
    for name, table in board.tables.items():
        path = f"{board.kind}/protocol/{filters.slug(name)}.html"
        yield Page(path, "protocol.html", protocol.context(table, board, sources.known, populations[name]))
    everything = [record for own in by_model.values() for record in own]
    searched = search.context(board, [r for r in everything if sources.state_of(r) != "invalid"])
    for name, facts in sorted(board.models.items()):
        path = f"{board.kind}/model/{filters.slug(name)}.html"
        own = by_model[name]
        found = model.context(facts, own, board, populations, sources.predictions_of, sources.state_of)
        yield Page(path, "model.html", {**found, "board_at_trials": bool(searched)})
    if searched:
        yield Page(f"{board.kind}/search.html", "search.html", searched)
    if found := enrolment.context(board):
        yield Page(f"{board.kind}/enrolment.html", "enrolment.html", found)
    if found := robustness.context(board):
        yield Page(f"{board.kind}/robustness.html", "robustness.html", found)
    if found := ladder.context(board, sources.known):
        yield Page(f"{board.kind}/ladder.html", "ladder.html", found)
    if board.audio != "synthetic":  # which shows nothing about anybody's result
        yield Page(f"{board.kind}/published.html", "published.html", published.context(board, sources.known))
    for path, template, context in compare.pages(
        board, by_track, everything, populations, sources.predictions_of
    ):
        yield Page(path, template, context)


def _files(board: Board) -> list[tuple[str, str]]:
    """The tables of a board: the names of their files, and titles."""
    tables = board.tables.values()
    return [("overview", "Overview"), *((filters.slug(table.protocol), table.title) for table in tables)]
