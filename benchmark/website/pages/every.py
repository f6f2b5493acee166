"""All pages of the site: plain data from boards and records, no markup, no disk."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board, Kind
from benchmark.records.prediction_table import PredictionsOf
from benchmark.records.schema import Record
from benchmark.records.states import StateOf, unchecked
from benchmark.website import filters
from benchmark.website.figures import chart
from benchmark.website.pages import compare, corpus, model, overview


class Page(NamedTuple):
    path: str  # in the site, with slashes
    template: str
    context: dict[str, Any]


def pages(
    boards: Mapping[Kind, Board],
    records: Sequence[Record],
    known: Catalogue,
    said: PredictionsOf,
    state: StateOf = unchecked,
) -> Iterator[Page]:
    """All pages; index.html shows the best board that has records. `state` tells how far each is checked."""
    common = {"boards": list(boards), "here": ""}
    if not boards:
        yield Page("index.html", "empty.html", common)
    general = {**common, "known": known, "files": {kind: _files(board) for kind, board in boards.items()}}
    for page in ("methods", "submit", "data"):
        yield Page(f"{page}.html", f"{page}.html", {**general, "here": page})
    for number, (kind, board) in enumerate(boards.items()):
        context = {**common, "board": board, "kind": kind}
        by_model: dict[str, list[Record]] = defaultdict(list)
        for record in records:
            if record.board == kind:
                by_model[record.model.name].append(record)
        states = {name: [state(record) for record in of_model] for name, of_model in by_model.items()}
        by_track = overview.rows(board, states)
        seen = {
            **context,
            "rows": by_track,
            "shared": overview.shared_notes(by_track),
            "chart": chart.chart(by_track, {name: table.title for name, table in board.tables.items()}),
        }
        if number == 0:
            yield Page("index.html", "overview.html", seen)
        yield Page(f"{kind}/index.html", "overview.html", seen)
        for table in board.tables.values():
            path = f"{kind}/corpus/{filters.slug(table.protocol)}.html"
            yield Page(path, "corpus.html", {**context, **corpus.context(table, board, known)})
        for name, facts in sorted(board.models.items()):
            path = f"{kind}/model/{filters.slug(name)}.html"
            yield Page(
                path,
                "model.html",
                {**context, **model.context(facts, by_model[name], board, known, said, state)},
            )
        of_board = [record for found in by_model.values() for record in found]
        for path, template, more in compare.pages(board, by_track, of_board, known, said):
            yield Page(path, template, {**context, **more})


def _files(board: Board) -> list[tuple[str, str]]:
    """The tables of a board: the names of their files, and titles."""
    tables = board.tables.values()
    return [("overview", "Overview"), *((filters.slug(table.protocol), table.title) for table in tables)]
