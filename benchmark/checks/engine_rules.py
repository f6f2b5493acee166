"""Rules that need the engine: import, search space, saved state, cost, a process of its own."""

from __future__ import annotations

from benchmark.checks import subject as subject_module
from benchmark.checks.predictions import far
from benchmark.checks.rule import DECLARES, ELSE, EXPECTS, Found, Note, Problem, rule
from benchmark.checks.subject import CrashError, Fit, Subject

DECLARATION = "protocols/contract.py, class Declaration"


@rule("info", DECLARES, basic=True)
def loads(subject: Subject) -> Found:  # noqa: ARG001  (there would be no subject)
    """The plugin and its variants can be loaded, declare what they must, and all that it needs is here."""
    return None


@rule("space", DECLARATION)
def space(subject: Subject) -> Found:
    """`space` searches parameters that have defaults, the defaults lie within it, and all are plain JSON."""
    found = subject.ask("space")
    for drawn in found["drawn"]:
        if strange := sorted(set(drawn["asked"]) - set(found["defaults"])):
            return Problem(f"searches {strange[0]!r}, which has no default")
        for name, value in drawn["strange"].items():
            return Problem(f"{name!r} is {value}, which JSON does not hold as it is")
    return None


@rule("state", ELSE)
def state(subject: Subject) -> Found:
    """What `state` gives, arrays alone, makes a new model give the same bit for bit by `load_state`."""
    if len(subject.facts.offers) == 1:
        return Problem(f"it has {subject.facts.offers[0]} without the other one")
    if not subject.facts.keepable:
        return Note("not offered: `run --final` keeps no model of it, so `predict` cannot use it")
    came = subject.ask("state", model=subject.first.model)
    for name, kind in came["strange"].items():
        return Problem(f"state()[{name!r}] is {kind} rather than an array")
    other = Fit(subject.ask, came["model"], subject.first.outcome)
    apart = far(other.predict(subject.material.test), subject.predictions)
    return Problem(f"the new model's probabilities differ by up to {apart:.2g}") if apart else None


@rule("predict_proba", ELSE)
def cost(subject: Subject) -> Found:
    """The cost of a prediction can be counted, or is declared."""
    by = subject.ask("cost", model=subject.first.model)
    if by == "declared":
        return Note("declared by its author: pages say so, and it is never on the Pareto front")
    if by == "not counted":
        return Note("not counted: declare `Info.macs` to show a cost")
    return None


@rule("fit", EXPECTS)
def fresh_process(subject: Subject) -> Found:
    """A new process, which knows the plugin by its reference alone, gives the same, bit for bit."""
    with subject.elsewhere() as ask:
        try:
            other = subject_module.of(ask, subject.reference, subject.elsewhere)
            there = other.fit(subject.material.train, subject.material.validation)
            came = there.predict(subject.material.test)
        except CrashError as error:
            return Problem(f"there it fails: {error.text}")
    apart = far(came, subject.predictions)
    if not apart:
        return None
    return Problem(f"probabilities there differ by up to {apart:.2g} (from `hash`, or from earlier fits?)")
