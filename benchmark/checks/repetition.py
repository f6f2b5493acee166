"""Rules on fits that are done again: with the same seed, with another one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmark.checks.predictions import far
from benchmark.checks.rule import EXPECTS, Found, Note, Problem, rule
from benchmark.checks.subject import Subject

OTHER = 20_011  # a seed


@rule("fit", EXPECTS)
def seed(subject: Subject) -> Found:
    """Fitted again with the same seed, a model gives the same, bit for bit."""
    came = subject.fit(validation=subject.material.validation).predict(subject.material.test)
    if np.array_equal(came, subject.predictions):
        return None
    apart = far(came, subject.predictions)
    return Problem(f"probabilities of two fits with seed 0 differ by up to {apart:.2g} (is all seeded?)")


@rule("fit", EXPECTS)
def earlier_fits(subject: Subject) -> Found:
    """A fit knows nothing of earlier ones: clips that those had with labels get the same, bit for bit."""
    train, test, before = subject.material.train, subject.material.test, subject.predictions
    known = replace(train, inputs=(*test.inputs, *train.inputs[len(test) :]))
    subject.fit(known, subject.material.validation)
    came = subject.fit(validation=subject.material.validation).predict(test)
    if np.array_equal(came, before):
        return None
    apart = far(came, before)
    return Problem(f"after a fit on the test clips, probabilities of the next differ by up to {apart:.2g}")


@rule("info", "protocols/contract.py, class Info")
def deterministic(subject: Subject) -> Found:
    """A model that declares `deterministic` gives the same whatever the seed."""
    declares = subject.facts.deterministic
    if not declares and subject.facts.drawn_by_seed:
        return None
    fit = subject.fit(validation=subject.material.validation, seed=OTHER)
    apart = far(fit.predict(subject.material.test), subject.predictions)
    if declares and apart:
        return Problem(f"seeds 0 and {OTHER} give probabilities that differ by up to {apart:.2g}")
    if not declares and not apart:
        return Note("two seeds gave the same: if all do, declare `deterministic`")
    return None
