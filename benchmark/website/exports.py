"""Every table of the leaderboard as JSON, CSV and LaTeX, and one document of all."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Board, Kind, Table
from benchmark.storage import canonical
from benchmark.website import filters, latex
from benchmark.website.pages import overview

COLUMNS = (
    "model", "track", "place_first", "place_last", "uar", "low", "high", "accuracy", "macro_f1", "fold_mean",
    "fold_std", "p", "parameters", "macs", "front_end_macs", "counted_by", "weights_bytes",
    "latency_ms", "latency_ratio", "seeds", "notes", "unranked",
)  # fmt: skip


def tables(boards: Mapping[Kind, Board]) -> Iterator[tuple[str, bytes]]:
    """File names below data/, and their contents."""
    for kind, board in boards.items():
        yield f"{kind}/overview.json", _json(board)
        yield f"{kind}/overview.csv", _overview_csv(board)
        yield f"{kind}/overview.tex", latex.overview_table(board)
        for table in board.tables.values():
            yield f"{kind}/{filters.slug(table.protocol)}.json", _json(table)
            yield f"{kind}/{filters.slug(table.protocol)}.csv", _table_csv(table)
            yield f"{kind}/{filters.slug(table.protocol)}.tex", latex.corpus_table(table)
    yield "all.json", _json(boards)


def _json(document: Board | Table | Mapping[Kind, Board]) -> bytes:
    return canonical.encode(document)


def _overview_csv(board: Board) -> bytes:
    header = ["model", "track", "overall", "mean_rank", "place_first", "place_last", *board.tables]
    lines = []
    for track, rows in overview.rows(board).items():
        for row in rows:
            s = row.standing
            overall = (_digits(s.uar), _digits(s.mean_rank), *s.place) if s else ("", "", "", "")
            cells = (row.entries.get(name) for name in board.tables)
            uars = [_digits(cell.uar) if cell and not cell.unranked else "" for cell in cells]
            lines.append([row.model.name, track, *overall, *uars])
    return _csv([header, *lines])


def _table_csv(table: Table) -> bytes:
    return _csv([COLUMNS, *(_line(entry) for entry in table.entries)])


def _line(entry: Entry) -> list[Any]:
    facts: dict[str, Any] = {
        **{name: getattr(entry, name, None) for name in COLUMNS},
        **dict(zip(("place_first", "place_last"), entry.place or (None, None), strict=True)),
        **dict(zip(("low", "high"), entry.interval or (None, None), strict=True)),
        **_costs(entry),
        "seeds": len(entry.seed_uars),
        "notes": "; ".join(entry.notes),
    }
    return [_digits(facts[n]) if isinstance(facts[n], float) else facts[n] for n in COLUMNS]


def _costs(entry: Entry) -> dict[str, Any]:
    cost, speed = entry.cost, entry.speed
    return {
        "macs": cost and cost.official.total,
        "front_end_macs": cost and cost.official.front_end,
        "counted_by": cost and cost.by,
        "weights_bytes": cost and cost.weights,
        "parameters": cost.parameters if cost else entry.parameters,
        "latency_ms": speed and speed.latency,
        "latency_ratio": speed and speed.ratio,
    }


def _digits(number: float) -> str:
    return f"{number:.6f}"


def _csv(lines: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(lines)
    return text.getvalue().encode()
