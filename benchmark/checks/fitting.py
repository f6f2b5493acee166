"""Rules on fits: all the ways in which the engine asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmark.checks.material import altered
from benchmark.checks.predictions import NUMBERS, unsound
from benchmark.checks.rule import Found, Problem, rule
from benchmark.checks.subject import EPOCHS, Fit, Outcome, Subject

LONGEST = 20_000  # numbers of a fit's curves, and letters of their names: a record keeps those of its winners
OTHER = 8  # classes: not as many as the other fits have


@rule("fit", basic=True)
def fits(subject: Subject) -> Found:
    """fit(train, validation, epochs=1) gives a FitInfo: the epoch that it kept, or None where it has none."""
    return _misinformed(subject, subject.first.outcome, most=EPOCHS)


@rule("fit")
def no_validation(subject: Subject) -> Found:
    """fit(train, None, epochs=n), the last fit of a fold, trains for exactly n epochs."""
    epochs = 2 if _kept(subject.first.outcome) else None  # what the engine asks of a model without epochs
    fit = subject.fit(epochs=epochs)
    if (wrong := _misinformed(subject, fit.outcome, most=epochs)) is not None:
        return wrong
    if epochs and _kept(fit.outcome) != epochs:
        return Problem(f"asked for {epochs} epochs, and its FitInfo has {_kept(fit.outcome)}")
    return _unsound(subject, fit)


@rule("fit")
def in_full(subject: Subject) -> Found:
    """fit(train, validation, report=function), without `epochs`, trains for as long as the model wants."""
    if not subject.facts.own_epochs:
        return None
    fit = subject.fit(validation=subject.material.validation, epochs=None, report=True)
    if (wrong := _misinformed(subject, fit.outcome, most=None)) is not None:
        return wrong
    return _unsound(subject, fit)


@rule("fit")
def missing_class(subject: Subject) -> Found:
    """Classes that train lacks do not matter: still one column a class, in the labels' order."""
    labels = subject.material.train.labels
    assert labels is not None
    there = np.flatnonzero((labels > 0) & (labels < subject.facts.n_classes - 1))
    few = altered(subject.material.train, there.tolist())
    return _unsound(subject, subject.fit(few, subject.material.validation))


@rule("fit")
def classes(subject: Subject) -> Found:
    """The number of classes is what `n_classes` says, not what one corpus has."""
    train = subject.material.train
    fit = subject.fit(replace(train, labels=np.arange(len(train)) % OTHER), n_classes=OTHER)
    wrong = unsound(fit.predict(subject.material.test), len(subject.material.test), OTHER)
    return Problem(f"with {OTHER} classes: {wrong}") if wrong else None


@rule("fit")
def silence(subject: Subject) -> Found:
    """A silent clip in train, as CREMA-D has one, does no harm."""
    train, silent = subject.material.train, subject.material.odd["silence"].inputs[0]

    def with_silence(inputs: Sequence[np.ndarray]) -> Sequence[np.ndarray]:
        return silent, *inputs[1:]

    copies = [with_silence(copy) for copy in train.copies]
    return _unsound(subject, subject.fit(replace(train, inputs=with_silence(train.inputs), copies=copies)))


def _unsound(subject: Subject, fit: Fit) -> Found:
    """What the fitted model gives for the test clips, where that is not one row of probabilities each."""
    test = subject.material.test
    wrong = unsound(fit.predict(test), len(test), subject.facts.n_classes)
    return Problem(f"it fits, and then predict_proba gives {wrong}") if wrong else None


def _kept(outcome: Outcome) -> int | None:
    """The epoch that a fit kept; None where the model has none."""
    return None if outcome.epochs is None or outcome.epochs.kind == "NoneType" else int(outcome.epochs.array)


def _misinformed(subject: Subject, outcome: Outcome, *, most: int | None) -> Problem | None:
    if outcome.epochs is None:
        return Problem(f"fit returned {outcome.kind} rather than a FitInfo")
    kind, words = outcome.epochs.kind, outcome.epochs.repr
    if kind != "NoneType" and (kind != "int" or not 1 <= int(outcome.epochs.array) <= (most or 10**9)):
        return Problem(f"FitInfo.epochs is {words} rather than a whole number of 1 to {most or 'any'}")
    for name, curve in outcome.curves.items():
        if curve.array.ndim != 1 or curve.array.dtype.kind not in NUMBERS:
            return Problem(f"FitInfo.curves[{name!r:.40}] is no sequence of numbers")
    if (size := sum(len(name) + len(curve.array) for name, curve in outcome.curves.items())) > LONGEST:
        return Problem(f"FitInfo.curves has {size} numbers and letters of names; {LONGEST} are the most")
    if outcome.probabilities is not None:
        array, each = outcome.probabilities.array, (len(subject.material.validation), subject.facts.n_classes)
        if array.ndim != 3 or not len(array) or array.shape[1:] != each or array.dtype.kind not in NUMBERS:
            return Problem(f"FitInfo.probabilities has the shape {array.shape}, and not epochs by {each}")
    return None
