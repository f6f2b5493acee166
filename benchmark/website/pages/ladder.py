"""The ladder: from rung to rung a model's test clips have less in common with what it was trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from benchmark.ranking import titles
from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board
from benchmark.records.prediction_table import PredictionsOf
from benchmark.records.schema import Record
from benchmark.website import claims, rungs, steps
from benchmark.website.by_text import by_text
from benchmark.website.claims import Claim
from benchmark.website.figures import gains, rung_lines
from benchmark.website.rungs import Ladder
from protocols import ladder


def context(
    board: Board, known: Catalogue, records: Sequence[Record], predictions_of: PredictionsOf
) -> dict[str, Any]:
    """The ladders, their charts, an example, and the corpora that were not climbed; {} where none was."""
    climbed = rungs.climbed(board)
    if not climbed:
        return {}
    found = [rungs.of(corpus, board, known) for corpus in climbed]
    rest = (corpus for corpus in ladder.RANKING if corpus not in climbed)
    populations = {one.corpus: known.population(one.ranking, [one.corpus]) for one in found}
    return {
        "ladders": [(one, rung_lines.rung_lines(one)) for one in found],
        "by_text": {
            corpus: by_text(one, population, records, predictions_of)
            for one in found
            if (population := populations[corpus := one.corpus])
        },
        "risen": {one.corpus: steps.risen(one) for one in found},
        "example": _example(found),
        "trained": _trained(claims.claims(board, known.published)),
        "gains": [one for what in ladder.PROBES if (one := gains.gains(found, what))],
        "absent": [titles.of_corpus(corpus, known.corpora) for corpus in rest],
    }


def _example(found: Sequence[Ladder]) -> dict[str, Any]:
    """One corpus and one model, from rung to rung."""
    corpus, model = steps.example(found)
    alone = replace(corpus, models={model: corpus.models[model]})
    return {
        "ladder": alone,
        "model": model,
        "steps": steps.steps(corpus, model),
        "chart": rung_lines.rung_lines(alone),
    }


def _trained(found: Mapping[str, Sequence[Claim]]) -> list[Claim]:
    """The published results whose model was run here by the same kind of protocol, where that leaks."""
    everything = (claim for group in found.values() for claim in group)
    return [claim for claim in everything if claim.same and claim.same.table.leaks]
