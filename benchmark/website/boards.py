"""The boards of results folders, as pages, exports, plots and programs take them."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.ranking import catalogue, leaderboard
from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board, Kind
from benchmark.records.homes import Homes
from benchmark.verification import judgement, robustness_checks


@dataclass(frozen=True)
class Boards:
    """What is known besides the records, and their boards by kind, the best first."""

    known: Catalogue
    by_kind: dict[Kind, Board]


def of(found: Homes) -> Boards:
    """RecordError where a record's matrices are not counts."""
    known = catalogue.read()
    by_kind = leaderboard.build(
        found.records,
        protocols=known.protocols,
        corpora=known.corpora,
        state_of=found.ask(judgement.of),
        robustness_of=found.ask(robustness_checks.of),
    )
    return Boards(known, by_kind)
