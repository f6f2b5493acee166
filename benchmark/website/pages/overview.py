"""What the overview shows: all models of a board by all protocols that rank, and their chart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.ranking.cells import Track
from benchmark.ranking.leaderboard import Board
from benchmark.website import columns
from benchmark.website import rows as rows_module
from benchmark.website.figures import chart
from benchmark.website.rows import Row


def context(board: Board, rows: Mapping[Track, Sequence[Row]]) -> dict[str, Any]:
    """The table's rows and columns, notes that all rows share, the chart, and what stands apart."""
    ranking = rows_module.ranking_tables(board)
    return {
        "rows": rows,
        "columns": columns.on_page(columns.overview(board)),
        "shared": rows_module.shared_notes(rows),
        "chart": chart.chart(rows, {name: table.title for name, table in ranking.items()}),
        "not_counting": [table.title for table in ranking.values() if not table.overall],
        "placeless": [table for table in board.tables.values() if not table.ranks],
    }
