"""Every check of a submission, in the order in which problems are named. A new check is added to CHECKS."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmark.verification import (
    declaration_checks,
    number_checks,
    place_checks,
    prediction_checks,
    score_checks,
    search_checks,
)
from benchmark.verification.submission import Submission, Unreadable

Check = Callable[[Submission], Iterator[str]]  # each problem in a sentence without a full stop

CHECKS: tuple[Check, ...] = (
    place_checks.place,
    declaration_checks.split,
    declaration_checks.corpora,
    declaration_checks.labels,
    declaration_checks.copy,
    declaration_checks.key,
    declaration_checks.folds,
    number_checks.negative_numbers,
    number_checks.cost_lengths,
    number_checks.budget,
    number_checks.fold_numbers,
    search_checks.search,
    search_checks.leader,
    prediction_checks.digest,
    prediction_checks.rows,
    prediction_checks.probabilities,
    score_checks.scores,
    score_checks.speakers,
)


def problems(found: Submission | Unreadable) -> list[str]:
    """Everything that is wrong with a submission, each in a sentence; [] where it holds."""
    if isinstance(found, Unreadable):
        return found.problems
    return [problem for check in CHECKS for problem in check(found)]
