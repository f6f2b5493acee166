"""Notes for a reviewer: what is odd about records, each alone and beside others. A note never rejects.

Each function gives a note only where there is something to compare; what it compares is in its name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import TRIALS, Record
from benchmark.scores import metrics

CPU, GPU = 1e13, 1e15  # multiply-adds a second: far more than one process, or one GPU, gets out of training
THREAD = 1e12  # likewise, of one thread that predicts
REFERENCE = 24.6e6  # multiply-adds of the network that speeds are compared with (benchmark.cost.latency)
MARGIN = 0.05  # of UAR, by which test may be further above validation than under any other model
DECLARED = ("title", "pretraining", "transductive", "deterministic")  # that one source has one of
CEILING = 0.99  # UAR that neither people nor the words alone reach on any of the corpora


@dataclass(frozen=True)
class Seen:
    """A record under the name that it goes by, and its predictions where they are at hand."""

    name: str
    record: Record
    predictions: Predictions | None = None


def notes(seen: Sequence[Seen]) -> dict[str, list[str]]:
    """The notes on each record, by name; those without any are left out."""
    found: dict[str, list[str]] = {one.name: [] for one in seen}
    for one in seen:
        found[one.name] += [note for alone in ALONE if (note := alone(one))]
    for group in _same_predictions(seen):
        for one in group:
            found[one.name] += _beside(one, group)
    for beside in (_test_and_validation, _declared, _titles):
        for name, note in beside(seen):
            found[name].append(note)
    return {name: notes for name, notes in found.items() if notes}


def accuracy_and_matrix(one: Seen) -> str:
    """The accuracy in the record, and that of the confusion matrices."""
    matrix = _pooled(one.record)
    if matrix is None:
        return ""
    follows = metrics.accuracy(matrix)
    if abs(follows - one.record.scores.accuracy) <= 1e-6:
        return ""
    return f"its accuracy is {one.record.scores.accuracy:.4f}, but its confusion matrices give {follows:.4f}"


def time_and_work(one: Seen) -> str:
    """The seconds that it took, and the multiply-adds of its training."""
    record = one.record
    if not record.cost or not record.cost.training:
        return ""
    least = record.cost.training / (CPU if record.environment.device == "cpu" else GPU)
    if record.run.seconds >= least:
        return ""
    return f"its training took {record.run.seconds:.1f} s; its multiply-adds take {least:.1f} s at the least"


def speed_and_work(one: Seen) -> str:
    """The time that a thread takes for one clip and for the reference, and their multiply-adds."""
    fast, cost = one.record.run.speed, one.record.cost
    if not fast:
        return ""
    macs = (cost.official.total or 0) if cost else 0
    for what, took, work in (("one clip", fast.latency, macs), ("the reference", fast.reference, REFERENCE)):
        if took < (least := 1e3 * work / THREAD):
            return f"{what} took {took:g} ms on a thread; its multiply-adds take {least:.3g} ms at the least"
    return ""


def budget(one: Seen) -> str:
    """Its trials, and those of the full budget."""
    trials = one.record.budget.trials
    if trials <= TRIALS:
        return ""
    return f"its budget of {trials} trials is larger than the full one of {TRIALS}"


def certainty(one: Seen) -> str:
    """Probabilities that are all 0 or 1: labels rather than a model's belief."""
    if (
        one.predictions is None
        or not one.predictions.clips
        or not np.isin(one.predictions.probabilities, (0, 1)).all()
    ):
        return ""
    return "all its probabilities are 0 or 1"


def ceiling(one: Seen) -> str:
    """A UAR beyond what people reach; synthetic speech has no such bound, nor has a protocol that leaks."""
    matrix, unbound = _pooled(one.record), one.record.board == "synthetic" or one.record.protocol.leaks
    if matrix is None or unbound or (uar := float(metrics.uar(matrix))) <= CEILING:
        return ""
    return f"its UAR of {100 * uar:.1f} % is far above what people and the words alone reach"


def letters(one: Seen) -> str:
    """Letters of its title that are not Latin, and may look as if they were, and what cannot be seen."""
    title = one.record.model.title
    strange = [
        c for c in title if not c.isprintable() or (c.isalpha() and "LATIN" not in unicodedata.name(c, ""))
    ]
    named = ", ".join(unicodedata.name(c, f"U+{ord(c):04X}") for c in dict.fromkeys(strange[:3]))
    return f"its title {title[:60]!r} has {named}" if strange else ""


ALONE: tuple[Callable[[Seen], str], ...] = (
    accuracy_and_matrix,
    time_and_work,
    speed_and_work,
    budget,
    certainty,
    ceiling,
    letters,
)


def _test_and_validation(seen: Sequence[Seen]) -> Iterator[tuple[str, str]]:
    """How far a test UAR is above that of the inner folds, and how far under any other model."""
    groups: dict[tuple[object, ...], list[tuple[Seen, float]]] = {}
    for one in seen:
        if (above := _above(one.record)) is not None:
            groups.setdefault(_conditions(one.record), []).append((one, above))
    for group in groups.values():
        for one, above in group:
            others = [more for other, more in group if other.record.model.name != one.record.model.name]
            if above > max([MARGIN, *others]) + MARGIN:
                most = (
                    f"that of {len(others)} other records at most {100 * max(others):+.1f}" if others else ""
                )
                yield (
                    one.name,
                    (
                        f"its test UAR is {100 * above:.1f} points above its inner folds', "
                        f"{most or 'and there are no others to compare'}"
                    ),
                )


def _declared(seen: Sequence[Seen]) -> Iterator[tuple[str, str]]:
    """What a record says of its model, and what another record of the same source says."""
    first: dict[tuple[str, ...], Seen] = {}
    for one in seen:
        model = one.record.model
        other = first.setdefault((model.name, model.version, model.source), one)
        for name in DECLARED:
            if getattr(other.record.model, name) != getattr(model, name):
                yield one.name, f"its model's {name} is not that in {other.name}, of the same source"


def _titles(seen: Sequence[Seen]) -> Iterator[tuple[str, str]]:
    """Titles that readers would take for one another, and the names under which they stand."""
    names: dict[str, dict[str, None]] = {}
    for one in seen:
        names.setdefault(_plain(one.record.model.title), {})[one.record.model.name] = None
    for one in seen:
        others = [name for name in names[_plain(one.record.model.title)] if name != one.record.model.name]
        if others:
            yield one.name, f"its model has the title of {', '.join(others[:3])}"


def _plain(title: str) -> str:
    """Its letters and digits, however they are written."""
    return "".join(c for c in unicodedata.normalize("NFKC", title).casefold() if c.isalnum())


def _above(record: Record) -> float | None:
    """Test UAR less the winners' on their inner folds, the mean over folds; None where it did not search."""
    inner = [
        max((trial.uar for trial in facts.trials if trial.uar is not None), default=None)
        for facts in record.folds
    ]
    known = [uar for uar in inner if uar is not None]
    return record.scores.uar - float(np.mean(known)) if known and len(known) == len(inner) else None


def _conditions(record: Record) -> tuple[object, ...]:
    budget = record.budget
    return record.board, record.protocol.digest, budget.trials, budget.epochs, str(budget.folds)


def _beside(one: Seen, group: Sequence[Seen]) -> Iterator[str]:
    """What is odd about a record whose predictions others of its protocol have too."""
    for other in group:
        if other is one:
            continue
        if other.record.model.name != one.record.model.name:
            yield f"the same predictions as {other.name}, under another name"
        elif not one.record.model.deterministic and other.record.seed != one.record.seed:
            yield f"the same predictions as {other.name}, though its seed should make a difference"


def _same_predictions(seen: Sequence[Seen]) -> list[list[Seen]]:
    """Groups of two and more that agree on every clip, bit for bit, in any order of rows."""
    groups: dict[tuple[object, ...], list[Seen]] = {}
    for one in seen:
        if one.predictions is not None and one.predictions.clips:
            place = one.record.board, one.record.protocol.digest
            groups.setdefault((*place, *_in_order(one.predictions)), []).append(one)
    return [group for group in groups.values() if len(group) > 1]


def _in_order(table: Predictions) -> tuple[object, ...]:
    order = sorted(range(len(table.clips)), key=table.clips.__getitem__)
    return tuple(table.clips[row] for row in order), table.probabilities[order].tobytes()


def _pooled(record: Record) -> np.ndarray | None:
    """The confusion matrix over all speakers; None where theirs do not add up to one."""
    try:
        matrix = np.sum([np.array(rows, dtype=float) for rows in record.speakers.values()], axis=0)
    except ValueError:  # of different shapes
        return None
    square = matrix.shape == (len(record.labels),) * 2
    return matrix if square and matrix.sum() > 0 else None
