"""All pages of the site: plain data from boards and records, no markup, no disk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board, Kind
from benchmark.records import tuning
from benchmark.records.prediction_table import PredictionsOf
from benchmark.records.results_log import Line
from benchmark.records.schema import Record
from benchmark.records.states import State, StateOf, unchecked
from benchmark.website import changes, filters, project, rows, rungs
from benchmark.website.pages import (
    citation,
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
from benchmark.website.pages.neighbours import neighbours

ENTRIES = 50  # of the feed


class Page(NamedTuple):
    """A page before it is written."""

    path: str  # in the site, with slashes
    template: str
    context: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What pages are made from besides boards."""

    log: Sequence[Line] = ()  # of the results

    records: Sequence[Record]
    known: Catalogue
    predictions_of: PredictionsOf
    state_of: StateOf = unchecked  # how far each record is checked


def pages(boards: Mapping[Kind, Board], sources: Sources) -> Iterator[Page]:
    """All pages; index.html shows the best board that has records."""
    climbed = [kind for kind, board in boards.items() if rungs.climbed(board)]
    common = {"boards": list(boards), "with_ladder": climbed, "here": "", "addresses": project.addresses()}
    if not boards:
        yield Page("index.html", "empty.html", common)
    files = {kind: _files(board) for kind, board in boards.items()}
    evidence = {kind: _evidence(board, sources) for kind, board in boards.items()}
    for name in ("methods", "submit", "data"):
        yield Page(
            f"{name}.html",
            f"{name}.html",
            {**common, "known": sources.known, "files": files, "evidence": evidence, "here": name},
        )
    gone = {line.board for line in sources.log} - boards.keys()  # whose lines the best board shows
    for number, board in enumerate(boards.values()):
        for page in _board(board, sources, gone if number == 0 else ()):
            whole = page._replace(context={**common, "board": board, "kind": board.kind, **page.context})
            yield whole
            if number == 0 and page.template == "overview.html":
                yield whole._replace(path="index.html")
    yield Page("feed.xml", "feed.xml", _feed(boards, sources, gone))


def _board(board: Board, sources: Sources, gone: Container[str]) -> Iterator[Page]:
    """The pages of one board."""
    by_model: dict[str, list[Record]] = defaultdict(list)
    everything = _of(board, sources)
    for record in everything:
        by_model[record.model.name].append(record)
    states = {name: [sources.state_of(record) for record in own] for name, own in by_model.items()}
    tunings = {name: tuning.tuning(own) for name, own in by_model.items()}
    by_track = rows.rows(board, states, tunings)
    populations = {
        name: sources.known.population(name, table.corpora) for name, table in board.tables.items()
    }
    counts = Counter(state for of_model in states.values() for state in of_model)
    yield Page(
        f"{board.kind}/index.html",
        "overview.html",
        overview.context(board, by_track, counts, records=everything, published=sources.known.published),
    )
    for name, table in board.tables.items():
        path = f"{board.kind}/protocol/{filters.slug(name)}.html"
        yield Page(path, "protocol.html", protocol.context(table, board, sources.known, populations[name]))
    changed = changes.changes(board, everything, sources.log, gone=gone)
    yield Page(f"{board.kind}/changes.html", "changes.html", {"changes": changed})
    at_trials = search.context(board, [r for r in everything if sources.state_of(r) != "invalid"])
    addresses = project.addresses()
    compared = list(compare.pages(board, by_track, everything, populations, sources.predictions_of))
    near = neighbours((path, own["comparison"]) for path, _, own in compared if "comparison" in own)
    for name, facts in sorted(board.models.items()):
        path = f"{board.kind}/model/{filters.slug(name)}.html"
        own = by_model[name]
        found = model.context(
            facts,
            own,
            board,
            populations,
            sources.predictions_of,
            sources.state_of,
            near=near.get(name, ()),
            home=addresses.get("homepage") or addresses.get("repository", ""),
        )
        yield Page(path, "model.html", {**found, "board_at_trials": bool(at_trials)})
    if at_trials:
        yield Page(f"{board.kind}/search.html", "search.html", at_trials)
    if found := enrolment.context(board):
        yield Page(f"{board.kind}/enrolment.html", "enrolment.html", found)
    if found := robustness.context(board):
        yield Page(f"{board.kind}/robustness.html", "robustness.html", found)
    if found := ladder.context(board, sources.known, everything, sources.predictions_of):
        yield Page(f"{board.kind}/ladder.html", "ladder.html", found)
    if board.audio != "synthetic":  # which shows nothing about anybody's result
        yield Page(f"{board.kind}/published.html", "published.html", published.context(board, sources.known))
    yield from (Page(*page) for page in compared)


def _feed(boards: Mapping[Kind, Board], sources: Sources, gone: Container[str]) -> dict[str, Any]:
    """The newest changes of all boards, in the order of time."""
    every = [
        (board.kind, one)
        for number, board in enumerate(boards.values())
        for one in changes.changes(board, _of(board, sources), sources.log, gone=gone if number == 0 else ())
    ]
    every.sort(key=lambda one: one[1].time, reverse=True)
    updated = every[0][1].time if every else "1970-01-01T00:00:00+00:00"
    return {"entries": every[:ENTRIES], "updated": updated, "author": citation.AUTHOR}


def _of(board: Board, sources: Sources) -> list[Record]:
    """The board's records."""
    return [record for record in sources.records if record.board_name == board.kind]


def _evidence(board: Board, sources: Sources) -> list[tuple[str, list[State]]]:
    """The models of a board, and the states of their records."""
    found: dict[str, list[State]] = {name: [] for name in sorted(board.models)}
    for record in _of(board, sources):
        found[record.model.name].append(sources.state_of(record))
    return list(found.items())


def _files(board: Board) -> list[tuple[str, str]]:
    """The tables of a board: the names of their files, and titles."""
    tables = board.tables.values()
    return [("overview", "Overview"), *((filters.slug(table.protocol), table.title) for table in tables)]
