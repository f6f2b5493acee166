"""The ladder: from rung to rung a model's test clips have less in common with what it was trained on."""

from __future__ import annotations

from typing import Any

from benchmark.ranking import titles
from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board
from benchmark.website import rungs
from benchmark.website.figures import gains, rung_lines
from protocols import ladder


def context(board: Board, known: Catalogue) -> dict[str, Any]:
    """The ladders, their charts, and the corpora that were not climbed; {} where none was."""
    climbed = rungs.climbed(board)
    if not climbed:
        return {}
    found = [rungs.of(corpus, board, known) for corpus in climbed]
    rest = (corpus for corpus in ladder.RANKING if corpus not in climbed)
    return {
        "ladders": [(one, rung_lines.rung_lines(one)) for one in found],
        "gains": [one for what in ladder.PROBES if (one := gains.gains(found, what))],
        "absent": [titles.of_corpus(corpus, known.corpora) for corpus in rest],
    }
