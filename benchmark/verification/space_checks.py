"""Do the parameters of trials and winners lie in the search space that the record states?"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import optuna
from optuna.distributions import BaseDistribution

from benchmark.records.schema import FoldFacts, Record
from benchmark.verification.submission import Submission

Space = dict[str, BaseDistribution]


def space(found: Submission) -> Iterator[str]:
    """The space is one of Optuna's distributions, each of a parameter that has a default."""
    try:
        names = set(_space(found.record))
    except ValueError as error:
        yield f"its search space cannot be read: {error}"
        return
    for name in sorted(names - _defaults(found.record).keys()):
        yield f"its search space has {name!r}, which has no default"


def parameters(found: Submission) -> Iterator[str]:
    """Each fold's winner and trials, the first that is wrong: in its range, or at its default."""
    record = found.record
    try:
        ranges = _space(record)
    except ValueError:  # which `space` reports
        return
    for facts in record.folds:
        wrong = next(_outside(facts, ranges, _defaults(record)), "")
        if wrong:
            yield f"fold {facts.fold}: {wrong}"


def _outside(facts: FoldFacts, ranges: Space, defaults: Mapping[str, Any]) -> Iterator[str]:
    tried = {"its winner": facts.params} | {
        f"its trial {number}": trial.params for number, trial in enumerate(facts.trials)
    }
    for which, params in tried.items():
        if params.keys() != defaults.keys():
            yield f"{which} has other parameters than the model's defaults"
        for name in sorted(params.keys() & defaults.keys()):
            if not _allowed(params[name], defaults[name], ranges.get(name)):
                yield f"{which} has {name} = {params[name]!r:.40}, which is outside the search space"


def _allowed(value: Any, default: Any, distribution: BaseDistribution | None) -> bool:
    """Where nothing is searched, the default alone is. A choice under another one's value stays at it too."""
    if distribution is None:
        return bool(value == default)
    number = not isinstance(distribution, optuna.distributions.CategoricalDistribution)
    if number and isinstance(value, bool | str):  # Optuna would read "1.0" as a number
        return False
    try:
        return distribution._contains(distribution.to_internal_repr(value))
    except (ValueError, TypeError, ArithmeticError):
        return False


def _space(record: Record) -> Space:
    """The distributions of the record's key; ValueError, in words, where one is none."""
    found, stated = {}, record.key.get("space")
    if not isinstance(stated, dict):
        raise ValueError("its key has none")
    for name, text in stated.items():
        try:
            with warnings.catch_warnings(action="ignore"):  # of choices that are no plain values
                found[name] = optuna.distributions.json_to_distribution(text)
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            raise ValueError(f"{name!r:.40} is none of Optuna's distributions") from error
    return found


def _defaults(record: Record) -> dict[str, Any]:
    found = record.key.get("defaults")
    return found if isinstance(found, dict) else {}
