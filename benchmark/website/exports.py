"""Every table of the leaderboard as JSON, CSV and LaTeX, and one document of all."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmark.ranking.cells import TRACKS, Track
from benchmark.ranking.leaderboard import Board, Kind, Table
from benchmark.storage import canonical
from benchmark.website import columns, filters, latex, rows, wording
from benchmark.website.columns import Of

FORMULA = tuple("=+-@")  # how one begins
NUMBER = re.compile(r"[+-]?[0-9.]+(e[+-]?[0-9]+)?")


def tables(boards: Mapping[Kind, Board]) -> Iterator[tuple[str, bytes]]:
    """File names below data/, and their contents."""
    for kind, board in boards.items():
        for ending, data in _overview(board).items():
            yield f"{kind}/overview.{ending}", data
        for table in board.tables.values():
            for ending, data in _protocol(table).items():
                yield f"{kind}/{filters.slug(table.protocol)}.{ending}", data
    yield "all.json", canonical.encode(boards)


def _overview(board: Board) -> dict[str, bytes]:
    by_track = rows.rows(board)
    listed = [row for group in by_track.values() for row in group]
    ranked = {track: [row for row in group if row.ranks] for track, group in by_track.items()}
    found = columns.overview(board)
    caption = f"UAR in percent on unheard speakers; {wording.audio(board)}."
    return {
        "json": canonical.encode(board),
        "csv": _csv(columns.csv_lines(found, listed)),
        "tex": latex.table(columns.latex_lines(found, _headed(ranked)), caption),
    }


def _protocol(table: Table) -> dict[str, bytes]:
    """In LaTeX those that rank, or all where the protocol does not rank."""
    found = columns.protocol(table)
    ranked = _headed({track: table.track(track) for track in TRACKS})
    caption = f"{table.title}, {table.protocol}: percent on unheard speakers."
    if not table.ranks:
        why = "leaks by design" if table.leaks else "does not rank"
        ranked, caption = {"": table.entries}, f"{table.protocol}, which {why}: percent."
    return {
        "json": canonical.encode(table),
        "csv": _csv(columns.csv_lines(found, table.entries)),
        "tex": latex.table(columns.latex_lines(found, ranked), caption),
    }


def _headed(by_track: Mapping[Track, Sequence[Of]]) -> dict[str, Sequence[Of]]:
    """By the heading of each track."""
    return {track.capitalize(): group for track, group in by_track.items()}


def _csv(lines: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(map(_inert, line) for line in lines)
    return text.getvalue().encode(errors="replace")


def _inert(cell: Any) -> Any:
    """A cell on one line that no spreadsheet takes for a formula: an apostrophe goes before one."""
    if not isinstance(cell, str):
        return cell
    line = " ".join(cell.split())
    formula = unicodedata.normalize("NFKC", line[:1]) in FORMULA and not NUMBER.fullmatch(line)
    return f"'{line}" if formula else line
