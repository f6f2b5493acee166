"""The search inside one outer fold (docs/rules.md#tuning): Optuna on the inner folds, in rounds of five.

The trials of a round are asked for together and reported together, in order, and each round has a sampler of
its own, seeded by (seed, fold, round). So a search is the same whether it ran through, was killed and
resumed, or had its trials evaluated side by side.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

import numpy as np
import optuna
from msgspec import Struct

from benchmark.records.schema import Trial
from benchmark.training.asking import Asking
from protocols.errors import PluginError

ROUND = 5  # trials


class Outcome(Struct, kw_only=True):
    """What one set of parameters gave on the inner folds together; of a pruned trial, as far as it went."""

    params: dict[str, Any]
    state: str = "complete"  # or "going", "pruned", "failed"
    uar: float | None = None
    cross_entropy: float | None = None
    epochs: list[int] | None = None  # of each inner fold: the epoch that they share
    trained: list[int] | None = None  # epochs that each inner fit took that was begun
    rungs: list[tuple[float, float]] = []  # its merit at each point at which its round was halved
    curves: list[dict[str, list[float]]] = []  # of each inner fold, one number an epoch
    pooled: list[float | None] = []  # the objective by epoch; None: not finite
    temperature: float | None = None  # that calibrates its inner predictions; of a complete trial
    seconds: float = 0.0  # of work
    fitted: dict[str, int] = {}  # how many fits, by where they were done


Tried = TypeVar("Tried", Outcome, Trial)  # a trial, as it is worked on and as a record keeps it


class Asked(NamedTuple):
    """A trial that is to be evaluated."""

    number: int
    params: dict[str, Any]


# All trials of a round together, given the outcomes of earlier rounds.
EvaluateRound = Callable[[Sequence[Asked], Sequence[Outcome]], Asking[Sequence[Outcome]]]


class Searchable(Protocol):
    """A model whose parameters are searched, as a plugin is."""

    @property
    def first(self) -> dict[str, Any]:
        """The searched parameters of trial 0, at their defaults; {} = nothing to search."""

    def params(self, trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        """All parameters of a trial, which is asked for those that are searched."""

    def space(self) -> dict[str, optuna.distributions.BaseDistribution]:
        """The distributions of all searched parameters, by name, also of those that trial 0 does not have."""


def search(
    model: Searchable, evaluate: EvaluateRound, *, trials: int, seed: int, fold: int, minimise: bool = False
) -> Asking[list[Outcome]]:
    """Run `trials` trials, the first with the model's defaults; returns them in order.

    `evaluate` is called once a round, with the trials whose parameters are new and all outcomes before, and
    gives theirs in the same order; what it asks for on the way, the search asks for. `minimise`: the
    objective is cross-entropy rather than UAR.
    """
    if not model.first:
        params = model.params(optuna.trial.FixedTrial({}))
        return list((yield from evaluate([Asked(0, params)], [])))
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize" if minimise else "maximize")
    study.enqueue_trial(model.first)
    conditional = len(model.first) < len(model.space())
    outcomes: list[Outcome] = []
    seen: dict[str, Outcome] = {}
    for start in range(0, trials, ROUND):
        study.sampler = _sampler(seed_of(seed, fold, start // ROUND), conditional=conditional)
        asked = [study.ask() for _ in range(min(ROUND, trials - start))]
        wanted = [model.params(trial) for trial in asked]
        names = [json.dumps(params, sort_keys=True) for params in wanted]
        new: dict[str, Asked] = {}
        for trial, params, name in zip(asked, wanted, names, strict=True):
            if name not in seen:
                new.setdefault(name, Asked(trial.number, params))
        seen |= zip(new, (yield from evaluate(list(new.values()), list(seen.values()))), strict=True)
        outcomes += [seen[name] for name in names]
        for trial, outcome in zip(asked, outcomes[start:], strict=True):
            _report(study, trial, outcome, minimise=minimise)
    return outcomes


def best(outcomes: Sequence[Tried], *, minimise: bool = False) -> Tried:
    """The winner: by UAR, ties by cross-entropy, then the earliest (the other way round if `minimise`).

    A parameter that changes a model's cost is not searched, so equal scores cost equally many operations.
    """
    complete = [outcome for outcome in outcomes if outcome.state == "complete"]
    if not complete:
        raise PluginError("no trial gave finite probabilities")

    return max(complete, key=lambda outcome: merit(outcome, minimise=minimise))


def merit(outcome: Tried, *, minimise: bool) -> tuple[float, float]:
    """What makes a trial better than another, the weightier first; of one that has scores."""
    assert outcome.uar is not None
    assert outcome.cross_entropy is not None
    pair = (outcome.uar, -outcome.cross_entropy)
    return pair[::-1] if minimise else pair


def seed_of(*parts: int) -> int:
    """One seed from several numbers, well mixed: a 32-bit int."""
    return int(np.random.SeedSequence(parts).generate_state(1)[0])


def _sampler(seed: int, *, conditional: bool) -> optuna.samplers.BaseSampler:
    """Of one round. Where a branch lacks parameters, TPE models each group of them that come together."""
    more: dict[str, Any] = {"group": True} if conditional else {}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*group", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(
            seed=seed,
            n_startup_trials=ROUND,
            multivariate=True,  # this and the next: Optuna 5's defaults, which were others before
            constant_liar=True,
            **more,
        )


def _report(study: optuna.Study, trial: optuna.Trial, outcome: Outcome, *, minimise: bool) -> None:
    value = outcome.cross_entropy if minimise else outcome.uar
    if outcome.state == "complete":
        study.tell(trial, value)
        return
    state = optuna.trial.TrialState
    if outcome.state == "pruned" and value is not None:
        trial.report(value, step=len(outcome.trained or []))  # it went the farther, the more fits it has
    study.tell(trial, state=state.PRUNED if outcome.state == "pruned" else state.FAIL)
