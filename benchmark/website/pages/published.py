"""Published and measured: what others report, what our run gives under the same protocol, and unheard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board, Table
from benchmark.website import claims, rungs
from benchmark.website.figures import slopes


def context(board: Board, known: Catalogue) -> dict[str, Any]:
    """The claims by corpus, their charts, and the protocols of our runs that leak."""
    found = claims.claims(board, known.published)
    charts = [slopes.slopes(corpus, group) for corpus, group in found.items()]
    runs = [claim.same for group in found.values() for claim in group if claim.same]
    return {
        "claims": found,
        "charts": [chart for chart in charts if chart],
        "leaky": _by_leak(run.table for run in runs if run.table.leaks),
        "climbed": rungs.climbed(board),
        "columns": slopes.COLUMNS,
    }


def _by_leak(tables: Iterable[Table]) -> dict[str, list[str]]:
    """The names of protocols by how they leak."""
    found: dict[str, set[str]] = defaultdict(set)
    for table in tables:
        found[table.leaks].add(table.protocol)
    return {leak: sorted(names) for leak, names in sorted(found.items())}
