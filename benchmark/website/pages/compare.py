"""What the compare pages show: one page for each pair of a board's models, and an index of them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmark.ranking import agreement, comparison
from benchmark.ranking.cells import Track, track
from benchmark.ranking.comparison import Comparison, Pair
from benchmark.ranking.leaderboard import Board
from benchmark.records.prediction_table import PredictionsOf
from benchmark.records.schema import Record
from benchmark.website import filters
from benchmark.website.rows import Row
from protocols.population import Population

ALL = 24  # models up to which every pair has a page
NEAR = 4  # neighbours that a model is compared with on a larger board, and with the best


@dataclass(frozen=True)
class Cell:
    """A pair on the index, as the model of its row sees it."""

    path: str
    mean: float | None  # difference in UAR
    significant: bool


def pages(
    board: Board,
    rows: Mapping[Track, Sequence[Row]],
    records: Sequence[Record],
    populations: Mapping[str, Population | None],
    predictions_of: PredictionsOf,
) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path in the site, template and context of each page; `records` are the board's."""
    by_name = {row.model.name: row for group in rows.values() for row in group}
    cells: dict[str, dict[str, Cell]] = {name: {} for name in by_name}  # by the row's model, then the other
    agree = agreement.at_hand(records, populations, predictions_of)
    for each in comparison.compare(board, pairs(list(by_name)), agree=agree):
        a, b = (model.name for model in each.models)
        path = f"{board.kind}/compare/{file_name(a, b)}"
        cells[a][b] = Cell(path, each.mean, each.significant)
        cells[b][a] = Cell(path, None if each.mean is None else -each.mean, each.significant)
        yield path, "compare.html", context(each, (by_name[a], by_name[b]))
    yield f"{board.kind}/compare/index.html", "compare_index.html", index([*by_name.values()], cells)


def pairs(order: Sequence[str]) -> list[Pair]:
    """The pairs that have a page, the better model of each first; `order` is the overview's."""
    found: dict[Pair, None] = {}  # in this order pairs in a row share models
    for i, name in enumerate(order):
        for j in others(i, len(order)):
            found[(name, order[j]) if i < j else (order[j], name)] = None
    return list(found)


def others(i: int, models: int) -> list[int]:
    """Places of those that the model at place i is compared with.

    All, up to so many models; beyond, its nearest neighbours and the best one.
    """
    first, last = 0, models
    if models > ALL:
        first = min(max(i - NEAR // 2, 0), models - NEAR - 1)
        last = first + NEAR + 1
    return sorted({0, *range(first, last)} - {i})


def index(rows: Sequence[Row], cells: Mapping[str, Mapping[str, Cell]]) -> dict[str, Any]:
    """All pairs, by the model that a row of the index is about."""
    models = [row.model for row in rows]
    listed = [
        (model, [(models[j], cells[model.name][models[j].name]) for j in others(i, len(models))])
        for i, model in enumerate(models)
    ]
    return {"listed": listed, "matrix": len(models) <= ALL, "near": NEAR}


def file_name(first: str, second: str) -> str:
    """<first>--<second>.html; names that hold two dashes themselves get a hash that tells pairs apart."""
    slugs = filters.slug(first), filters.slug(second)
    joined = "--".join(slugs)
    return f"{joined if joined.count('--') == 1 else filters.slug(' '.join(slugs))}.html"


def context(each: Comparison, rows: tuple[Row, Row]) -> dict[str, Any]:
    """Two models side by side; `reach` is the end of the axis of speakers' differences."""
    shown = [on.shown for on in each.tables if on.shown]
    apart = [abs(uar) for of in shown for uar in of.speakers.values()]
    return {
        "comparison": each,
        "shown": bool(shown),
        "models": each.models,
        "sides": [(row, track(row.model)) for row in rows],
        "reach": max(math.ceil(10 * max(apart, default=0)) / 10, 0.1),
        "agreed": [on for on in each.compared if on.agreement],
    }
