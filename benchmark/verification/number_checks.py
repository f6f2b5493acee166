"""Can the numbers of a record be: times, counts, sizes, temperatures?"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from benchmark.verification.submission import Submission

TEMPERATURES = 0.04, 21.0  # what `benchmark.scores.calibration` can give lies between, and within


def negative_numbers(found: Submission) -> Iterator[str]:
    """Nothing that a run or a cost counts is below zero."""
    record = found.record
    counted = {"cost": msgspec.to_builtins(record.cost), "run": msgspec.to_builtins(record.run)}
    for place, value in _numbers(counted):
        if value < 0:
            yield f"{place} is {value}, which cannot be negative"


def finished(found: Submission) -> Iterator[str]:
    """The run ended at a time."""
    try:
        datetime.datetime.fromisoformat(found.record.run.finished)
    except ValueError:
        yield f"its run finished at {found.record.run.finished[:40]!r}, which is no time"


def budget(found: Submission) -> Iterator[str]:
    """At least one trial."""
    if found.record.budget.trials < 1:
        yield f"its budget is {found.record.budget.trials} trials"


def trials(found: Submission) -> Iterator[str]:
    """UARs are in [0, 1], and no cross-entropy is below zero; of each fold the first that is wrong."""
    for facts in found.record.folds:
        for number, trial in enumerate(facts.trials):
            if not 0 <= (trial.uar or 0) <= 1 or (trial.cross_entropy or 0) < 0:
                yield f"fold {facts.fold}: trial {number} has a UAR or a cross-entropy that cannot be"
                break


def fold_numbers(found: Submission) -> Iterator[str]:
    """A temperature is one that the engine can give; epochs and parameters are not below zero."""
    for facts in found.record.folds:
        if not TEMPERATURES[0] <= facts.temperature <= TEMPERATURES[1]:
            yield f"fold {facts.fold}: its temperature {facts.temperature} is not between 1/20 and 20"
        if min(facts.epochs or 0, facts.parameters or 0) < 0:
            yield f"fold {facts.fold}: its epochs or parameters are negative"


def _numbers(block: Mapping[str, Any] | list[Any], place: str = "") -> Iterator[tuple[str, float]]:
    """Each number within nested dicts and lists, and where it stands, as in `cost.counts.0.norms`."""
    for name, value in block.items() if isinstance(block, Mapping) else enumerate(block):
        where = f"{place}.{name}".lstrip(".")
        if isinstance(value, Mapping | list):
            yield from _numbers(value, where)
        elif isinstance(value, int | float):
            yield where, value
