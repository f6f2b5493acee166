"""What the overview shows: the answer, the pictures, and all models of a board by all protocols that rank."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.ranking.catalogue import Published
from benchmark.ranking.cells import Track
from benchmark.ranking.leaderboard import Board
from benchmark.records.schema import Record
from benchmark.records.states import MEANING, State
from benchmark.website import answers, claims, columns, rungs
from benchmark.website import rows as rows_module
from benchmark.website.figures import chart, panels
from benchmark.website.rows import Row

ALWAYS: tuple[State, ...] = ("verified", "recomputed", "stale")  # are counted even where there are none


def context(
    board: Board,
    rows: Mapping[Track, Sequence[Row]],
    found: Mapping[State, int] = {},
    *,
    records: Sequence[Record] = (),
    published: Sequence[Published] = (),
) -> dict[str, Any]:
    """The answer, the pictures, the table's rows and columns, notes that all rows share, what stands apart.

    `found`: how many of the board's `records` are in each state; `published`: what others report.
    """
    shared = rows_module.shared_notes(rows)
    ranking = rows_module.ranking_tables(board)
    series = chart.series(board)
    same = claims.same_folds(board, published) if board.audio != "synthetic" else {}
    found_answers = answers.answers(board, rows, records, found)
    return {
        "answers": found_answers,
        "same_folds": any(claim.macs for group in same.values() for claim in group),
        "above": _above(board, same),
        "rows": rows,
        "columns": columns.on_page(columns.overview(board)),
        "shared": shared,
        "noted": any(set(row.notes) - set(shared) for group in rows.values() for row in group),
        "chart": chart.chart(rows, series, same),
        "panels": panels.panels(chart.counted(rows, series, same)),
        "not_counting": [table.title for table in ranking.values() if not table.overall],
        "states": [
            (state, found.get(state, 0)) for state in reversed(MEANING) if state in ALWAYS or state in found
        ],
        "climbed": rungs.climbed(board),
        "apart": any(table.apart for table in board.tables.values()),
        "robust": any(entry.robustness for table in board.tables.values() for entry in table.entries),
        "placeless": [table for table in board.tables.values() if not table.ranks],
    }


def _above(board: Board, same: Mapping[str, Sequence[Published]]) -> list[str]:
    """Titles of corpora on which a published result under the same folds is above the best model here."""
    best = {name: max((e.uar for e in board.tables[name].ranked), default=1.0) for name in same}
    return [
        board.tables[name].title
        for name, published in same.items()
        if any(claim.percent > 100 * best[name] for claim in published)
    ]
