"""Searches again without fitting: given the results that a record states, are its trials those that come?

A round's trials follow from the seed and the results of the rounds before (docs/rules.md#tuning). So whoever
chooses parameters on the test clips cannot write them down as a search's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from benchmark.models.plugins import Plugin
from benchmark.records.schema import FoldFacts, Record
from benchmark.training import asking, study
from benchmark.training.asking import Asking
from benchmark.training.study import Asked, Outcome
from benchmark.verification.submission import Submission

DECISIVE = ("optuna", "numpy", "scipy")  # libraries that propose


class _OtherError(Exception):
    """A trial, by its number, has other parameters than the search asks for."""


def possible(found: Submission) -> bool:
    """Whether the model is installed, and the record's numbers can seed a search."""
    record = found.record
    return found.plugin is not None and min([record.seed, *(facts.fold for facts in record.folds)]) >= 0


def other_versions(record: Record) -> list[str]:
    """The libraries that propose, where the record has them in other versions: they may propose others."""
    stated = record.environment.versions
    return [f"{name} {here}" for name in DECISIVE if stated.get(name) != (here := version(name))]


def wrong(found: Submission, facts: FoldFacts, *, most: int) -> str:
    """The first of a fold's first `most` trials that its search does not propose, in words; "" for none."""
    assert found.plugin is not None
    minimise = found.protocol.objective == "cross-entropy"
    try:
        _search(found.plugin, facts, found.record.seed, most=most, minimise=minimise)
    except _OtherError as other:
        return f"trial {other} is not what its search proposes"
    except (Exception, SystemExit) as error:  # whatever the model's `space` raises, and Optuna with it
        return f"its search cannot be repeated: {type(error).__name__}: {error!s:.200}"
    return ""


def _search(plugin: Plugin, facts: FoldFacts, seed: int, *, most: int, minimise: bool) -> None:
    def stated(asked: Sequence[Asked], _: Sequence[Outcome]) -> Asking[list[Outcome]]:
        yield from ()  # no fit is needed
        return [_outcome(facts, each) for each in asked]

    trials = min(most, len(facts.trials))
    search = study.search(plugin, stated, trials=trials, seed=seed, fold=facts.fold, minimise=minimise)
    came = asking.finish(search, lambda _: [])
    for number, outcome in enumerate(came):  # those that an earlier one equals were not asked for
        _compare(number, outcome.params, facts)


def _outcome(facts: FoldFacts, asked: Asked) -> Outcome:
    """What the record states of a trial."""
    _compare(asked.number, asked.params, facts)
    trial = facts.trials[asked.number]
    return Outcome(
        params=asked.params,
        state=trial.state,
        uar=trial.uar,
        cross_entropy=trial.cross_entropy,
        trained=trial.trained,
    )


def _compare(number: int, params: Mapping[str, Any], facts: FoldFacts) -> None:
    stated, proposed = facts.trials[number].params, json.loads(json.dumps(params))
    if stated.keys() != proposed.keys() or not all(_near(stated[name], proposed[name]) for name in stated):
        raise _OtherError(number)


def _near(one: Any, other: Any) -> bool:
    """Equal but for the last bits of a number."""
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9)
    return bool(one == other)
