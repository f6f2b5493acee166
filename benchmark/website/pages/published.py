"""Published and measured: what others report, what our run gives under the same protocol, and unheard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board, Table
from benchmark.website import claims, rungs
from benchmark.website.claims import Claim
from benchmark.website.figures import slopes


def context(board: Board, known: Catalogue) -> dict[str, Any]:
    """The claims by corpus, their charts, and the protocols of our runs that leak."""
    found = claims.claims(board, known.published)
    charts = [slopes.slopes(corpus, group) for corpus, group in found.items()]
    everything = [claim for group in found.values() for claim in group]
    runs = [claim.same for claim in everything if claim.same]
    return {
        "measured": _where(found, measured=True),
        "others": _where(found, measured=False),
        "shown": [kind for kind in slopes.RUNS if any(getattr(claim, kind) for claim in everything)],
        "inferred": sum("inferred" in f"{one.row.protocol} {one.row.note}" for one in everything),
        "spans": claims.spans(found),
        "best": {corpus: claims.best(board, corpus) for corpus in found},
        "charts": [chart for chart in charts if chart],
        "leaky": _by_leak(run.table for run in runs if run.table.leaks),
        "climbed": rungs.climbed(board),
    }


def _where(found: Mapping[str, Sequence[Claim]], *, measured: bool) -> dict[str, list[Claim]]:
    """The claims with a run here, or without one, by corpus."""
    parts = {of: [one for one in group if one.measured == measured] for of, group in found.items()}
    return {corpus: part for corpus, part in parts.items() if part}


def _by_leak(tables: Iterable[Table]) -> dict[str, list[str]]:
    """The names of protocols by how they leak."""
    found: dict[str, set[str]] = defaultdict(set)
    for table in tables:
        found[table.leaks].add(table.protocol)
    return {leak: sorted(names) for leak, names in sorted(found.items())}
