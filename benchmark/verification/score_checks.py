"""Do a record's scores and confusion matrices follow from its predictions?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from benchmark.records import scoring
from benchmark.records.answers import Answers, join
from benchmark.verification import prediction_checks
from benchmark.verification.submission import Submission


def scores(found: Submission) -> Iterator[str]:
    """Every score, to the last digit."""
    if answers := _answers(found):
        again = msgspec.to_builtins(scoring.scores(answers))
        yield from _differing("scores", msgspec.to_builtins(found.record.scores), again)


def speakers(found: Submission) -> Iterator[str]:
    """Every speaker's confusion matrix."""
    if answers := _answers(found):
        yield from _differing("speakers", found.record.speakers, scoring.speakers(answers))


def _answers(found: Submission) -> Answers | None:
    """None where the table is wrong: its scores mean nothing."""
    table = (prediction_checks.known_rows, prediction_checks.probabilities)
    if any(any(check(found)) for check in table):
        return None
    return join(found.predictions, found.population.by_clip, found.population.labels)


def _differing(block: str, stated: dict[str, Any], follows: dict[str, Any]) -> Iterator[str]:
    for name in sorted(stated.keys() | follows.keys()):
        if stated.get(name) != follows.get(name):
            yield (
                f"{block}.{name} is {stated.get(name)}, but {follows.get(name)} follows from the predictions"
            )
