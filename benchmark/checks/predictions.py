"""Rules on one prediction: that it can be made, and is one row of probabilities a clip."""

from __future__ import annotations

import numpy as np

from benchmark.checks.material import altered
from benchmark.checks.rule import Found, Problem, rule
from benchmark.checks.subject import CrashError, Subject

SLACK = 1e-3  # by which a row may miss 1
NUMBERS = set("fiu")  # kinds of numpy's types
ROUNDING = 1e-6  # by which a probability may miss [0, 1]


@rule("predict_proba", basic=True)
def predicts(subject: Subject) -> Found:
    """A fitted model predicts: predict_proba gives a numpy array."""
    kind = subject.with_labels[0].kind
    return (
        None if kind == "numpy.ndarray" else Problem(f"predict_proba gave {kind} rather than a numpy array")
    )


@rule("predict_proba", "protocols/contract.py, class ClipBatch", basic=True)
def hidden(subject: Subject) -> Found:
    """On test, `labels` and `speakers` are None: predictions neither need nor use them."""
    if (apart := far(subject.with_labels[0].array, subject.predictions)) > ROUNDING:
        return Problem(f"probabilities move by {apart:.2g} when labels and speakers are withheld")
    return None


@rule("predict_proba", basic=True)
def shape(subject: Subject) -> Found:
    """predict_proba gives an array of numbers, (clips, classes), also for a single clip."""
    one = subject.first.predict(altered(subject.material.test, [0]))
    for n, came in ((len(subject.predictions), subject.predictions), (1, one)):
        if wrong := misshapen(came, len(subject.material.test) if n > 1 else 1, subject.facts.n_classes):
            return Problem(wrong)
    return None


@rule("predict_proba", basic=True)
def probabilities(subject: Subject) -> Found:
    """Each row is finite, within [0, 1], and sums to 1 (within 0.001)."""
    wrong = improbable(subject.predictions)
    return Problem(wrong) if wrong else None


@rule("predict_proba")
def any_length(subject: Subject) -> Found:
    """Clips of 0.05 s, of 20 s and of silence get probabilities like any other."""
    for name, clip in subject.material.odd.items():
        try:
            came = subject.first.predict(clip)
        except CrashError as error:
            error.add_note(f"for a clip of {name}")
            raise
        if wrong := unsound(came, 1, subject.facts.n_classes):
            return Problem(f"for a clip of {name}: {wrong}")
    return None


def unsound(came: np.ndarray, n: int, n_classes: int) -> str:
    """What keeps this from being n rows of probabilities, or ""."""
    return misshapen(came, n, n_classes) or improbable(came)


def misshapen(came: np.ndarray, n: int, n_classes: int) -> str:
    """What is wrong with type and shape, or ""."""
    if came.dtype.kind not in NUMBERS:
        return f"an array of {came.dtype} rather than numbers"
    if came.shape != (n, n_classes):
        return f"an array of shape {came.shape} rather than {(n, n_classes)}"
    return ""


def improbable(came: np.ndarray) -> str:
    """What keeps rows of the right shape from being probabilities, or ""."""
    strange = np.asarray(~np.isfinite(came).all(axis=1))
    if strange.any():
        return f"row {_first(strange)} is not finite"
    outside = (came < -ROUNDING) | (came > 1 + ROUNDING)
    if outside.any():
        return f"row {_first(outside.any(axis=1))} holds {came[outside][0]:.4g}, which is no probability"
    sums = came.sum(axis=1, dtype=np.float64)
    missed = np.abs(sums - 1) > SLACK
    return f"row {_first(missed)} sums to {sums[missed][0]:.4g}" if missed.any() else ""


def far(a: np.ndarray, b: np.ndarray) -> float:
    """The largest distance of two arrays' numbers; infinite where their shapes or their NaNs differ."""
    if not {a.dtype.kind, b.dtype.kind} <= NUMBERS:
        return 0.0 if np.array_equal(a, b) else float("inf")
    if a.shape != b.shape or not np.array_equal(np.isnan(a), np.isnan(b)):
        return float("inf")
    with np.errstate(invalid="ignore"):
        apart = np.where((a == b) | np.isnan(a), 0.0, np.abs(a.astype(np.float64) - b))
    return float(apart.max(initial=0.0))


def _first(rows: np.ndarray | np.bool) -> int:
    return int(np.flatnonzero(rows)[0])
