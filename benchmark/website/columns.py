"""The columns of the overview and of a protocol's table, each once, for the page, CSV and LaTeX.

A column more is an entry more in one of the two lists below. A column that programs get in another form than
people, or in another order, is listed twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from benchmark.ranking import cells
from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Board, Table
from benchmark.website import filters, wording
from benchmark.website.filters import DASH, amount, p_value, percent, points, span
from benchmark.website.rows import Row, ranking_tables

Of = TypeVar("Of", Row, Entry)
Plain = str | int | float | None


@dataclass(frozen=True, kw_only=True)
class Column(Generic[Of]):
    """One column: `value` of a row, which `text` words for people; None is an empty cell."""

    title: str = ""
    value: Callable[[Of], Any]  # a number, a word, or a tuple of them
    text: Callable[[Any], str] = str
    csv: tuple[str, ...] = ()  # its headers there, one for each number of a tuple; () = not in CSV
    page: bool = True
    latex: bool = False
    # Of the page alone:
    under: str = ""  # small, below the title
    link: str = ""  # of the title, from the site's root
    main: bool = False  # bold
    places: bool = False  # means nothing where nothing ranks
    detail: Callable[[Of], str] | None = None  # small, beside the value
    about: Callable[[Of], str] | None = None  # more about the value, for whoever points at it
    entry: Callable[[Of], Entry | None] | None = None  # whose value it is, and whose speakers are drawn
    chance: float | None = None  # what guessing gets

    def shown(self, row: Of) -> str:
        """The cell for people."""
        value = self.value(row)
        return DASH if value is None else self.text(value)

    def order(self, row: Of) -> Plain:
        """What the page sorts by."""
        value = self.value(row)
        first = value[0] if isinstance(value, tuple) else value
        return round(first, 6) if isinstance(first, float) else first

    def fields(self, row: Of) -> list[Plain]:
        """The cells in CSV, as many as there are headers."""
        value = self.value(row) if self.csv else ()
        several = value if isinstance(value, tuple) else (value,) * len(self.csv)
        return [f"{one:.6f}" if isinstance(one, float) else one for one in several]


def overview(board: Board) -> list[Column[Row]]:
    """The columns of a board's overview."""
    return [
        Column(value=lambda row: row.model.name, csv=("model",), page=False),
        Column(title="Model", value=lambda row: row.model.title or row.model.name, page=False, latex=True),
        Column(value=lambda row: cells.track(row.model), csv=("track",), page=False),
        Column(title="Place", value=lambda row: row.standing and row.standing.place, text=span),
        Column(
            title="Overall",
            under=f"{len(board.overall.protocols)} corpora",
            value=lambda row: row.standing and row.standing.uar,
            text=percent,
            csv=("overall",),
            latex=True,
            main=True,
        ),
        Column(value=_mean_rank, csv=("mean_rank",), page=False),
        Column(
            value=lambda row: row.standing and row.standing.place,
            csv=("place_first", "place_last"),
            page=False,
        ),
        *_budget(),
        *(column for table in ranking_tables(board).values() for column in _scores(table, board)),
        Column(title="MACs", value=_macs, text=amount, page=False, latex=True),
        Column(title="Parameters", value=lambda row: row.parameters, text=amount, page=False, latex=True),
        *_worst_overall(board),
        Column(title="Mean rank", under="of corpora", value=_mean_rank, text=_tenths),
        *_evidence(),
    ]


def _mean_rank(row: Row) -> float | None:
    return row.standing.mean_rank if row.standing else None


def _macs(row: Row) -> int | None:
    return row.cost.official.total if row.cost else None


def _budget() -> list[Column[Row]]:
    """What a model costs, on the page."""
    return [
        Column(
            title="MACs",
            under="multiply-adds",
            value=_macs,
            text=amount,
            detail=lambda row: wording.counted(row.cost),
        ),
        Column(title="Latency", under="ms a clip", value=lambda row: row.latency, text=filters.milliseconds),
        Column(title="Weights", under="file", value=lambda row: row.weights, text=filters.size),
        Column(title="Training", under="one seed", value=lambda row: row.training(), text=filters.duration),
    ]


def _evidence() -> list[Column[Row]]:
    """How a model was searched, and how far its records are checked, on the page."""
    return [
        Column(
            title="Tuned",
            under="settings in trials",
            value=lambda row: row.tuning and (len(row.tuning.searched), *row.tuning.trials),
            text=lambda of: f"{of[0]} in {span((of[1], of[-1]))}" if of[0] else "none",
            about=lambda row: wording.tuned(row.tuning) if row.tuning else "",
        ),
        Column(
            title="Verified",
            under="of records",
            value=lambda row: (row.states.count("verified"), len(row.states), row.state),
            text=lambda of: f"{of[0]} of {of[1]}" if of[2] in ("verified", "recomputed") else of[2],
            about=wording.checked,
        ),
    ]


def protocol(table: Table) -> list[Column[Entry]]:
    """The columns of one protocol's table."""
    return [
        Column(title="Model", value=lambda entry: entry.model, csv=("model",), page=False, latex=True),
        Column(value=lambda entry: entry.track, csv=("track",), page=False),
        Column(
            title="Place",
            value=lambda entry: entry.place,
            text=span,
            csv=("place_first", "place_last"),
            latex=True,
            places=True,
        ),
        Column(
            title="UAR",
            value=lambda entry: entry.uar,
            text=percent,
            csv=("uar",),
            latex=True,
            main=True,
            entry=lambda entry: entry,
            chance=table.chance,
        ),
        _optimism(),
        _p(),
        Column(
            title="Interval",
            value=lambda entry: entry.interval,
            text=lambda ends: f"[{percent(ends[0])}, {percent(ends[1])}]",
            csv=("low", "high"),
            page=False,
            latex=True,
        ),
        Column(
            title="Accuracy (WA)",
            value=lambda entry: entry.accuracy,
            text=percent,
            csv=("accuracy",),
            latex=True,
        ),
        Column(
            title="Macro-F1",
            value=lambda entry: entry.macro_f1,
            text=percent,
            csv=("macro_f1",),
            latex=True,
        ),
        Column(
            title="Folds",
            value=lambda entry: None if math.isnan(entry.fold_mean) else (entry.fold_mean, entry.fold_std),
            text=lambda of: f"{percent(of[0])} ± {percent(of[1])}",
            csv=("fold_mean", "fold_std"),
        ),
        *_worst(table),
        Column(value=lambda entry: entry.p, csv=("p",), page=False),
        Column(title="Weights", value=lambda entry: entry.cost and entry.cost.weights, text=filters.size),
        *_costs(),
        _seeds(),
        *_for_programs(),
    ]


def _for_programs() -> list[Column[Entry]]:
    """What the page shows in another form or place."""
    return [
        Column(value=lambda entry: wording.notes(entry.notes), csv=("notes",), page=False),
        Column(value=lambda entry: wording.reasons(entry.unranked), csv=("unranked",), page=False),
        Column(value=lambda entry: entry.optimism, csv=("optimism",), page=False),
    ]


def _p() -> Column[Entry]:
    """For people."""
    return Column(
        title="p against the best", value=lambda entry: entry.p, text=p_value, places=True, latex=True
    )


def _optimism() -> Column[Entry]:
    """Beside the UAR, for people."""
    return Column(
        title="Optimism", under="inner − test, points", value=lambda entry: entry.optimism, text=points
    )


def _seeds() -> Column[Entry]:
    """How many, and what those beside seed 0 did."""
    return Column(
        title="Seeds",
        value=lambda entry: len(entry.seed_uars),
        csv=("seeds",),
        detail=lambda entry: wording.seeds(entry.searched),
    )


def _worst(table: Table) -> list[Column[Entry]]:
    """The UAR at the worst acoustic condition, where models were asked under such."""
    if not any(entry.robustness for entry in table.entries):
        return []
    found: Column[Entry] = Column(
        title="Worst condition",
        under="UAR, seed 0",
        value=lambda entry: entry.robustness and entry.robustness.at_worst,
        text=percent,
        csv=("worst_condition_uar",),
        detail=lambda entry: wording.condition(entry.robustness.worst) if entry.robustness else "",
    )
    return [found]


def _worst_overall(board: Board) -> list[Column[Row]]:
    """Its mean over the corpora of the overall score, of the models that were asked on all of them."""
    counting = board.overall.protocols
    if not any(entry.robustness for name in counting for entry in board.tables[name].entries):
        return []

    def mean(row: Row) -> float | None:
        found = [row.entries[name].robustness for name in counting if name in row.entries]
        known = [one.at_worst for one in found if one]
        return sum(known) / len(known) if len(known) == len(counting) else None

    found: Column[Row] = Column(
        title="Worst condition",
        under="mean UAR, seed 0",
        link=f"{board.kind}/robustness.html",
        value=mean,
        text=percent,
        csv=("worst_condition_uar",),
    )
    return [found]


def _scores(table: Table, board: Board) -> list[Column[Row]]:
    """A protocol's UAR on the overview: on the page of all entries, elsewhere of those that rank."""

    def entry(row: Row) -> Entry | None:
        return row.entries.get(table.protocol)

    def ranked(row: Row) -> float | None:
        found = entry(row)
        return found.uar if found and not found.unranked else None

    def why_grey(row: Row) -> str:
        found = entry(row)
        return "not ranked" if found and found.unranked else ""

    on_page: Column[Row] = Column(
        title=table.title,
        under=f"{len(table.conditions.clips)} speakers",
        link=f"{board.kind}/protocol/{filters.slug(table.protocol)}.html",
        value=lambda row: (found := entry(row)) and found.uar,
        text=percent,
        detail=why_grey,
        entry=entry,
        chance=table.chance,
    )
    exported: Column[Row] = Column(
        title=table.title, value=ranked, text=percent, csv=(table.protocol,), page=False, latex=True
    )
    return [on_page, exported]


def _costs() -> list[Column[Entry]]:
    """What an entry costs, for programs."""
    facts: dict[str, Callable[[Entry], Any]] = {
        "parameters": _parameters,
        "macs": lambda e: e.cost and e.cost.official.total,
        "front_end_macs": lambda e: e.cost and e.cost.official.front_end,
        "counted_by": lambda e: e.cost and e.cost.by,
        "weights_bytes": lambda e: e.cost and e.cost.weights,
        "latency_ms": lambda e: e.speed and e.speed.latency,
        "latency_ratio": lambda e: e.speed and e.speed.ratio,
    }
    return [Column(value=value, csv=(name,), page=False) for name, value in facts.items()]


def _parameters(entry: Entry) -> int | None:
    """All that a prediction needs; of records without a cost those that are trained."""
    return entry.cost.parameters if entry.cost else entry.parameters


def _tenths(number: float) -> str:
    return f"{number:.1f}"


def csv_lines(columns: Sequence[Column[Of]], rows: Sequence[Of]) -> list[list[Plain]]:
    """The header and a line a row."""
    header: list[Plain] = [name for column in columns for name in column.csv]
    return [header, *([field for column in columns for field in column.fields(row)] for row in rows)]


def latex_lines(columns: Sequence[Column[Of]], groups: Mapping[str, Sequence[Of]]) -> list[list[str]]:
    """The header, and below the heading of each group a line a row; no column that is empty in all rows."""
    every = [row for group in groups.values() for row in group]
    shown = [c for c in columns if c.latex and (not every or any(c.value(row) is not None for row in every))]
    found = [[column.title for column in shown]]
    for name, group in groups.items():
        found += [[name]] * bool(group and name)
        found += [[column.shown(row) for column in shown] for row in group]
    return found


def on_page(
    columns: Sequence[Column[Of]], rows: Sequence[Of] = (), *, places: bool = True
) -> list[Column[Of]]:
    """The columns of a page, none that is empty in all `rows`, if there are any.

    Without `places` those that mean something where nothing ranks.
    """
    shown = [column for column in columns if column.page and (places or not column.places)]
    return [one for one in shown if not rows or any(one.value(row) is not None for row in rows)]
