"""Rules on fits: all the ways in which the engine asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from benchmark.checks.material import Arrays, altered
from benchmark.checks.predictions import unsound
from benchmark.checks.rule import Found, Problem, rule
from benchmark.checks.subject import EPOCHS, Fit, Subject, predict
from protocols.contract import FitInfo

OTHER = 8  # classes: not as many as the other fits have


@rule("fit", basic=True)
def fits(subject: Subject) -> Found:
    """fit(train, validation, epochs=1) gives a FitInfo: the epoch that it kept, or None where it has none."""
    return _misinformed(subject.first.info, most=EPOCHS)


@rule("fit")
def no_validation(subject: Subject) -> Found:
    """fit(train, None, epochs=n), the last fit of a fold, trains for exactly n epochs."""
    epochs = 2 if subject.first.info.epochs else None  # what the engine asks of a model without epochs
    fit = subject.fit(epochs=epochs)
    if (wrong := _misinformed(fit.info, most=epochs)) is not None:
        return wrong
    if epochs and fit.info.epochs != epochs:
        return Problem(f"asked for {epochs} epochs, and its FitInfo has {fit.info.epochs}")
    return _unsound(subject, fit)


@rule("fit")
def in_full(subject: Subject) -> Found:
    """fit(train, validation, report=function), without `epochs`, trains for as long as the model wants."""
    if not subject.checking.own_epochs:
        return None
    fit = subject.fit(validation=subject.material.validation, epochs=None, report=_go_on)
    if (wrong := _misinformed(fit.info, most=None)) is not None:
        return wrong
    return _unsound(subject, fit)


@rule("fit")
def missing_class(subject: Subject) -> Found:
    """Classes that train lacks do not matter: still one column a class, in the labels' order."""
    labels = subject.material.train.labels
    assert labels is not None
    there = np.flatnonzero((labels > 0) & (labels < subject.material.n_classes - 1))
    few = altered(subject.material.train, there.tolist())
    return _unsound(subject, subject.fit(few, subject.material.validation))


@rule("fit")
def classes(subject: Subject) -> Found:
    """The number of classes is what `n_classes` says, not what one corpus has."""
    train = subject.material.train
    fit = subject.fit(replace(train, labels=np.arange(len(train)) % OTHER), n_classes=OTHER)
    wrong = unsound(predict(fit.model, subject.material.test), len(subject.material.test), OTHER)
    return Problem(f"with {OTHER} classes: {wrong}") if wrong else None


@rule("fit")
def silence(subject: Subject) -> Found:
    """A silent clip in train, as CREMA-D has one, does no harm."""
    train, silent = subject.material.train, subject.material.odd["silence"].inputs[0]

    def with_silence(inputs: Sequence[np.ndarray]) -> Arrays:
        return Arrays((silent, *(inputs[row] for row in range(1, len(inputs)))))

    copies = [with_silence(copy) for copy in train.copies]
    return _unsound(subject, subject.fit(replace(train, inputs=with_silence(train.inputs), copies=copies)))


def _go_on(epoch: int, uar: float) -> None:
    """Is given how a fit goes, and lets it go on."""


def _unsound(subject: Subject, fit: Fit) -> Found:
    """What the fitted model gives for the test clips, where that is not one row of probabilities each."""
    test = subject.material.test
    wrong = unsound(predict(fit.model, test), len(test), subject.material.n_classes)
    return Problem(f"it fits, and then predict_proba gives {wrong}") if wrong else None


def _misinformed(info: object, *, most: int | None) -> Problem | None:
    if not isinstance(info, FitInfo):
        return Problem(f"fit returned {type(info).__name__} rather than a FitInfo")
    if info.epochs is not None and (type(info.epochs) is not int or not 1 <= info.epochs <= (most or 10**9)):
        return Problem(
            f"FitInfo.epochs is {info.epochs!r} rather than a whole number of 1 to {most or 'any'}"
        )
    for name, curve in info.curves.items():
        numbers = np.asarray(curve)
        if not isinstance(name, str) or numbers.ndim != 1 or numbers.dtype.kind not in "fiu":
            return Problem(f"FitInfo.curves[{name!r}] is no sequence of numbers")
    return None
