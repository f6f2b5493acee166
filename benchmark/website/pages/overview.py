"""What the overview shows: all models of a board by all protocols that rank, and their chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.ranking.cells import Track
from benchmark.ranking.leaderboard import Board
from benchmark.records.states import MEANING, State
from benchmark.website import columns, rungs
from benchmark.website import rows as rows_module
from benchmark.website.figures import chart
from benchmark.website.rows import Row

ALWAYS: tuple[State, ...] = ("verified", "recomputed", "stale")  # are counted even where there are none


def context(
    board: Board, rows: Mapping[Track, Sequence[Row]], found: Mapping[State, int] = {}
) -> dict[str, Any]:
    """The table's rows and columns, notes that all rows share, the chart, and what stands apart.

    `found`: how many of the board's records are in each state.
    """
    ranking = rows_module.ranking_tables(board)
    return {
        "rows": rows,
        "columns": columns.on_page(columns.overview(board)),
        "shared": rows_module.shared_notes(rows),
        "chart": chart.chart(rows, {name: table.title for name, table in ranking.items()}),
        "not_counting": [table.title for table in ranking.values() if not table.overall],
        "states": [
            (state, found.get(state, 0)) for state in reversed(MEANING) if state in ALWAYS or state in found
        ],
        "climbed": rungs.climbed(board),
        "apart": any(table.apart for table in board.tables.values()),
        "robust": any(entry.robustness for table in board.tables.values() for entry in table.entries),
        "placeless": [table for table in board.tables.values() if not table.ranks],
    }
