"""Rules on what a clip's prediction may depend on: the clip alone."""

from __future__ import annotations

import numpy as np

from benchmark.checks.material import altered, joined
from benchmark.checks.predictions import far
from benchmark.checks.rule import EXPECTS, Found, Note, Problem, rule
from benchmark.checks.subject import Subject

SLACK = 1e-5  # in probability: sums of another batch come out in another order
EXEMPT = Note("does not apply: the model declares `transductive`, and is shown apart")


@rule("predict_proba", EXPECTS)
def again(subject: Subject) -> Found:
    """Asked twice, a fitted model gives the same, bit for bit."""
    once_more = subject.first.predict(subject.material.test)
    if np.array_equal(once_more, subject.predictions):
        return None
    apart = far(once_more, subject.predictions)
    return Problem(f"the second time, probabilities differ by up to {apart:.2g} (is dropout off?)")


@rule("predict_proba", EXPECTS)
def alone(subject: Subject) -> Found:
    """A clip alone gets the probabilities (within 1e-05) that it gets among others."""
    if subject.facts.transductive:
        return EXEMPT
    for row in (0, len(subject.predictions) // 2, len(subject.predictions) - 1):
        came = subject.first.predict(altered(subject.material.test, [row]))
        if (apart := far(came, subject.predictions[[row]])) > SLACK:
            return Problem(f"clip {row} alone: {apart:.2g} from what it gets in a batch")
    return None


@rule("predict_proba", EXPECTS)
def order(subject: Subject) -> Found:
    """The order of the test clips does not matter (within 1e-05)."""
    if subject.facts.transductive:
        return EXEMPT
    backwards = range(len(subject.predictions))[::-1]
    came = subject.first.predict(altered(subject.material.test, backwards))[::-1]
    apart = far(came, subject.predictions)
    return Problem(f"in reversed order, probabilities differ by up to {apart:.2g}") if apart > SLACK else None


@rule("predict_proba", EXPECTS)
def neighbours(subject: Subject) -> Found:
    """A very long clip in the batch does not change the others' probabilities (within 1e-05)."""
    if subject.facts.transductive:
        return EXEMPT
    crowd = joined(subject.material.test, subject.material.odd["20 s"])
    apart = far(subject.first.predict(crowd)[:-1], subject.predictions)
    if apart <= SLACK:
        return None
    return Problem(f"beside a clip of 20 s, probabilities differ by up to {apart:.2g} (does padding count?)")
