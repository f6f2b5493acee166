"""Every check of a submission, in the order in which problems are named. A new check is added to a list here.

A record that is stale is held to what does not depend on what has changed since: it is shown, and its scores
still have to follow from its predictions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmark.verification import (
    cost_checks,
    declaration_checks,
    model_checks,
    number_checks,
    place_checks,
    prediction_checks,
    score_checks,
    search_checks,
    space_checks,
)
from benchmark.verification.submission import Submission, Unreadable

Check = Callable[[Submission], Iterator[str]]  # each problem in a sentence without a full stop

OF_EVERY_RECORD: tuple[Check, ...] = (
    place_checks.place,
    declaration_checks.corpora,
    declaration_checks.labels,
    declaration_checks.copy,
    declaration_checks.official,
    declaration_checks.pretraining,
    declaration_checks.enrolment,
    declaration_checks.key,
    number_checks.negative_numbers,
    number_checks.finished,
    number_checks.budget,
    number_checks.trials,
    number_checks.fold_numbers,
    cost_checks.lengths,
    cost_checks.counts,
    cost_checks.sizes,
    cost_checks.speed,
    space_checks.space,
    space_checks.parameters,
    prediction_checks.digest,
    prediction_checks.known_rows,
    prediction_checks.speakers,
    prediction_checks.probabilities,
    score_checks.scores,
    score_checks.speakers,
)
OF_TODAYS_SPLIT: tuple[Check, ...] = (
    declaration_checks.split,
    declaration_checks.folds,
    prediction_checks.rows,
    cost_checks.training,
)
OF_TODAYS_CODE: tuple[Check, ...] = (  # split, engine and model are today's
    search_checks.search,
    search_checks.leader,
    search_checks.proposals,
    model_checks.facts,
    model_checks.key,
    model_checks.epochs,
    model_checks.curve,
    cost_checks.beside_the_plugin,
)
OF_A_LEADER: tuple[Check, ...] = (  # what its winners depend on
    declaration_checks.key,
    declaration_checks.folds,
    number_checks.budget,
    number_checks.trials,
    space_checks.space,
    space_checks.parameters,
    search_checks.search,
    search_checks.proposals,
    model_checks.curve,
)


def problems(found: Submission | Unreadable) -> list[str]:
    """Everything that is wrong with a submission, each in a sentence; [] where it holds."""
    if isinstance(found, Unreadable):
        return found.problems
    wanted = OF_EVERY_RECORD
    wanted += OF_TODAYS_SPLIT if found.split_is_todays else ()
    wanted += () if found.outdated else OF_TODAYS_CODE
    return [problem for check in wanted for problem in check(found)] + _of_its_leader(found)


def _of_its_leader(found: Submission) -> list[str]:
    """A seed that refits winners does not hold where seed 0 cannot have found them."""
    if found.outdated or found.leader is None or not search_checks.refits(found.record):
        return []
    first = replace(found, record=found.leader, leader=None)
    return [f"seed 0 does not hold: {problem}" for check in OF_A_LEADER for problem in check(first)]
