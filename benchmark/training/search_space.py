"""The search space of a model class: what its `space` asks an Optuna trial for, in every branch.

A parameter may exist only under some choices of a categorical one. To find them all, `space` is run once for
each combination of choices that it asks for, depth first, the numbers at their defaults. A condition on a
number cannot be found so: a parameter that shows up later, in a draw, is refused then.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution

from protocols.contract import Declaration
from protocols.errors import PluginError, UnheardError

MOST = 10_000  # branches that are looked at
LONGEST = 20_000  # characters of all ranges and choices, which a record repeats


@dataclass(frozen=True)
class Branch:
    """What `space` asks for under one combination of categorical choices."""

    params: Mapping[str, Any]  # that a model of this branch is made with: choices, and defaults
    distributions: Mapping[str, BaseDistribution]  # in the order in which they are asked for


@dataclass(frozen=True)
class SearchSpace:
    """All branches, the one of the defaults first."""

    branches: tuple[Branch, ...]
    distributions: Mapping[str, BaseDistribution]  # of all branches, by name


def params(model: type[Declaration], trial: optuna.trial.BaseTrial) -> dict[str, Any]:
    """What a model is made with in this trial: the defaults, with what is searched in their place.

    PluginError where `space` gives a parameter without a default, or asks for what no branch has.
    """
    known = of(model).distributions
    found = _merged(model, trial)
    for name, distribution in trial.distributions.items():
        if name not in known:
            raise PluginError(
                f"{model.info.name}: `space` asks for {name!r} under a condition on a number. Only the "
                "choices of a categorical parameter may decide which parameters exist."
            )
        if distribution != known[name]:
            raise PluginError(_several_ranges(model, name))
    return found


def of(model: type[Declaration]) -> SearchSpace:
    """The whole space; PluginError where `space` fails, or a default is missing or outside its range."""
    hashable: Any = model
    return _of(hashable)


@cache
def _of(model: type[Declaration]) -> SearchSpace:
    branches: list[Branch] = []
    distributions: dict[str, BaseDistribution] = {}
    for branch in _branches(model, ()):
        branches.append(branch)
        if len(branches) > MOST:
            raise PluginError(
                f"{model.info.name}: `space` has more than {MOST} combinations of categorical choices."
            )
        for name, distribution in branch.distributions.items():
            if distributions.setdefault(name, distribution) != distribution:
                raise PluginError(_several_ranges(model, name))
    if (length := len(str(distributions))) > LONGEST:
        raise PluginError(
            f"{model.info.name}: ranges and choices of `space` take {length} characters; {LONGEST} are the "
            "most."
        )
    return SearchSpace(tuple(branches), distributions)


def first(model: type[Declaration]) -> dict[str, Any]:
    """Trial 0's searched parameters: the defaults of the branch that the defaults choose."""
    return {name: model.defaults[name] for name in of(model).branches[0].distributions}


def _branches(model: type[Declaration], choices: tuple[tuple[str, Any], ...]) -> Iterator[Branch]:
    """Every branch below these choices, depth first; what is asked for beyond them begins at its default."""
    branch = _branch(model, dict(choices))
    yield branch
    decided = dict(choices)
    for name, distribution in branch.distributions.items():
        if name in decided or not isinstance(distribution, CategoricalDistribution):
            continue
        default = model.defaults[name]
        for choice in distribution.choices:
            if choice != default or type(choice) is not type(default):
                yield from _branches(model, (*decided.items(), (name, choice)))
        decided[name] = default


def _branch(model: type[Declaration], choices: Mapping[str, Any]) -> Branch:
    trial = optuna.trial.FixedTrial({**model.defaults, **choices})
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("error", ".* is out of the range of the distribution")
            found = _merged(model, trial)
    except UnheardError:
        raise
    except (ValueError, Warning) as error:
        raise PluginError(
            f"{model.info.name}: every searched parameter needs a default within its range: {error}"
        ) from error
    except Exception as error:
        raise PluginError(f"{model.info.name}: `space` fails: {type(error).__name__}: {error}") from error
    return Branch(found, dict(trial.distributions))


def _merged(model: type[Declaration], trial: optuna.trial.BaseTrial) -> dict[str, Any]:
    searched = model.space(trial)
    if strange := sorted(set(searched) - set(model.defaults)):
        raise PluginError(f"{model.info.name}: `space` gives {strange[0]!r}, which has no default.")
    return {**model.defaults, **searched}


def _several_ranges(model: type[Declaration], name: str) -> str:
    return (
        f"{model.info.name}: `space` gives {name!r} a range or choices that depend on another parameter. "
        "Give each range a name of its own."
    )
