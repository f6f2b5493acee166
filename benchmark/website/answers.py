"""What a reader asks first of a board: which model is best, which is best if it must be small, what backs it.

Plain facts; site/templates/answers.html puts them into three sentences.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from benchmark.ranking import comparison
from benchmark.ranking.cells import TRACKS, Track
from benchmark.ranking.comparison import Difference
from benchmark.ranking.leaderboard import Board, Table
from benchmark.records.schema import Record
from benchmark.records.states import MEANING, State
from benchmark.scores import holm
from benchmark.website import rows as rows_module
from benchmark.website.figures import axes
from benchmark.website.rows import Row

NAMED = 4  # models that share the first place, or are not counted, and are named; of more the number is given


@dataclass(frozen=True)
class Ranked:
    """A model with the score and the place that it has in the race."""

    row: Row
    uar: float
    place: tuple[int, int]

    @property
    def name(self) -> str:
        return self.row.model.name


@dataclass(frozen=True, kw_only=True)
class Race:
    """Who is best: by the overall score, or where there is none by the protocol that ranks most models."""

    over: tuple[str, ...]  # titles of the corpora
    scratch: tuple[Ranked, ...]  # the best first
    pretrained: tuple[Ranked, ...]
    lead: Difference | None  # of the first from scratch over the second

    @property
    def first(self) -> Ranked:
        return (self.scratch or self.pretrained)[0]

    @property
    def tied(self) -> tuple[Ranked, ...]:
        """Those beside the first that no model is significantly better than."""
        return tuple(one for one in self._own[1:] if one.place[0] == 1)

    @property
    def worse(self) -> Ranked | None:
        """The best that some model is significantly better than."""
        return next((one for one in self._own[1:] if one.place[0] > 1), None)

    @property
    def sure(self) -> bool:
        """Whether the lead over the second is significant by itself."""
        return self.lead is not None and self.lead.p < holm.ALPHA

    @property
    def rival(self) -> Ranked | None:
        """The best pretrained model, where those from scratch are first: it ranks apart."""
        return self.pretrained[0] if self.scratch and self.pretrained else None

    @property
    def rivals(self) -> tuple[Ranked, ...]:
        """Those pretrained that no pretrained model is significantly better than, beside the best of them."""
        return tuple(one for one in self.pretrained[1:] if one.place[0] == 1) if self.rival else ()

    @property
    def _own(self) -> tuple[Ranked, ...]:
        return self.scratch or self.pretrained

    def below(self, limit: float) -> Ranked | None:
        """The best, of both tracks, whose multiply-adds were counted and are not more."""
        everyone = (*self.scratch, *self.pretrained)
        small = [one for one in everyone if (n := axes.macs(one.row)) is not None and n <= limit]
        return max(small, key=lambda one: one.uar, default=None)

    @property
    def uncounted(self) -> tuple[Ranked, ...]:
        """Models at least as good as the best that is counted, whose operations cannot be."""
        everyone = sorted((*self.scratch, *self.pretrained), key=lambda one: -one.uar)
        counted = max((one.uar for one in everyone if axes.macs(one.row) is not None), default=0.0)
        return tuple(one for one in everyone if axes.macs(one.row) is None and one.uar >= counted)


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The facts of the three sentences."""

    race: Race | None  # None where nothing ranks
    small: tuple[tuple[int, Ranked], ...]  # the best below each limit, where there is one
    records: int
    states: tuple[tuple[State, int], ...]  # the strongest first
    newest: str  # the day on which the last record was finished
    gaps: tuple[tuple[str, tuple[str, ...]], ...]  # kind, names: what is missing

    def gap(self, kind: str) -> tuple[str, ...]:
        """What is missing of a kind."""
        return dict(self.gaps).get(kind, ())


def answers(
    board: Board, rows: Mapping[Track, Sequence[Row]], records: Iterable[Record], found: Mapping[State, int]
) -> Answers:
    """Of a board's rows and records; `found`: how many of the records are in each state."""
    race = _race(board, rows)
    limits = [(limit, race.below(limit)) for limit in axes.LIMITS] if race else []
    return Answers(
        race=race,
        small=tuple((limit, best) for limit, best in limits if best),
        records=sum(found.values()),
        states=tuple((state, found[state]) for state in reversed(MEANING) if found.get(state)),
        newest=max((record.run.finished[:10] for record in records), default=""),
        gaps=tuple((kind, names) for kind, names in _gaps(board, rows).items() if names),
    )


def _race(board: Board, rows: Mapping[Track, Sequence[Row]]) -> Race | None:
    by_name = {row.model.name: row for group in rows.values() for row in group}
    if board.overall.standings:
        standings = [s for s in board.overall.standings if s.model in by_name]
        ranked = [(Ranked(by_name[s.model], s.uar, s.place), s.track) for s in standings]
        return _of(board, board.overall.coverage.covered, ranked, "")
    tables = [table for table in rows_module.ranking_tables(board).values() if table.ranked]
    if not tables:
        return None
    table = max(tables, key=lambda table: len(table.ranked))
    entries = [(Ranked(by_name[e.model], e.uar, e.place or (1, 1)), e.track) for e in table.ranked]
    return _of(board, (table.title,), entries, table.protocol)


def _of(board: Board, over: tuple[str, ...], ranked: Sequence[tuple[Ranked, str]], protocol: str) -> Race:
    """`protocol`: the one whose table ranks them, "" for the overall score."""
    scratch, pretrained = (
        tuple(one for one, track in ranked if track == name) for name in ("from scratch", "pretrained")
    )
    own = scratch or pretrained
    lead = _lead(board, own[0].name, own[1].name, protocol) if len(own) > 1 else None
    return Race(over=over, scratch=scratch, pretrained=pretrained, lead=lead)


def _lead(board: Board, first: str, second: str, protocol: str) -> Difference | None:
    [compared] = comparison.compare(board, [(first, second)])
    if not protocol:
        return compared.overall
    return next((each.difference for each in compared.compared if each.table.protocol == protocol), None)


def _gaps(board: Board, rows: Mapping[Track, Sequence[Row]]) -> dict[str, tuple[str, ...]]:
    """Names by kind of what is missing."""
    everyone = [row for group in rows.values() for row in group]
    tables = rows_module.ranking_tables(board).values()
    ranked = [row for row in everyone if any(not e.unranked for e in row.entries.values())]
    return {
        "absent": board.overall.coverage.absent,
        "partial": board.overall.coverage.partial,
        "uncounted": tuple(row.model.name for row in ranked if axes.macs(row) is None),
        "overall": tuple(row.model.name for row in ranked if not row.standing),
        "unranked": tuple(row.model.name for row in everyone if row not in ranked),
        "powerless": tuple(
            table.title for table in tables if table.ranked and table.smallest_p >= holm.ALPHA
        ),
        "corrected": tuple(table.title for table in tables if _only_uncorrected(table)),
    }


def _only_uncorrected(table: Table) -> bool:
    """Whether a p could be small enough, but not once it is corrected for the models of its track."""
    against = max((len(table.track(track)) for track in TRACKS), default=0) - 1  # the best
    return bool(table.ranked) and table.smallest_p < holm.ALPHA <= table.smallest_p * against
