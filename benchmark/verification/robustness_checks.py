"""Does the robustness that lies beside a record hold, and is it of this very record?

What is of another record, or of another table of conditions, says nothing of this one: a reviewer is shown
so, and it counts for nothing. What is of this record and does not follow from its own predictions is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from benchmark.audio import acoustic_conditions
from benchmark.execution.model_store import TOLERANCE
from benchmark.records import prediction_table, record_files, robustness
from benchmark.records.answers import join
from benchmark.records.prediction_table import Predictions
from benchmark.records.robustness import CLEAN, Robustness, RobustnessOf
from benchmark.records.schema import Record
from benchmark.verification import prediction_checks, submission
from benchmark.verification.submission import Known, Submission
from protocols.errors import RecordError


@dataclass(frozen=True)
class Found:
    """The robustness of a record where it holds, what is wrong with it, and what a reviewer should know."""

    robustness: Robustness | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def look(found: Submission) -> Found:
    """What lies beside a record; nothing where nothing does."""
    labels = list(found.population.labels)
    try:
        made = robustness.read(robustness.place(found.path))
        if made is None:
            return Found()
        if void := _void(made, found.record):
            return Found(notes=(void,))
        table, digest = prediction_table.read(robustness.predictions_place(found.path), labels)
        under = robustness.parted(table, made.names)
        problems = tuple(f"its robustness: {problem}" for problem in _problems(made, under, digest, found))
    except RecordError as error:
        return Found(problems=(f"its robustness: {error}",))
    return Found(problems=problems) if problems else Found(made, notes=tuple(_odd(made)))


def of(results: Path) -> RobustnessOf:
    """Gives the robustness of a record of this results folder, where it holds."""
    known = Known()

    def look_up(record: Record) -> Robustness | None:
        path = record_files.place_of(results, record)
        if not robustness.place(path).is_file():
            return None
        found = submission.read(path, known)
        return look(found).robustness if isinstance(found, Submission) and found.record == record else None

    return look_up


def _void(made: Robustness, record: Record) -> str:
    """Why it is not of this record, or not of today's conditions; "" where it is."""
    if not robustness.bound(made, record):
        return "its robustness is of a record that has changed since"
    if made.table != acoustic_conditions.digest():
        return "its robustness is of another version of the acoustic conditions"
    return ""


def _problems(
    made: Robustness, under: Mapping[str, Predictions], digest: str, found: Submission
) -> Iterator[str]:
    """What does not follow, each in a sentence without a full stop."""
    if digest != made.predictions:
        yield "the predictions file is not the one that it was written with"
    todays = [acoustic_conditions.described(name) for name in acoustic_conditions.CONDITIONS]
    if made.conditions != [one for one in todays if one["name"] not in made.lacking]:
        yield "its conditions are not those of the table, but for those that it lacks"
    if not made.largest <= TOLERANCE:
        yield f"its models differ from the record by {made.largest} in probability; {TOLERANCE} is allowed"
    for name, predictions in {CLEAN: found.predictions, **under}.items():
        yield from (f"{name}: {problem}" for problem in _of_condition(made, name, predictions, found))


def _of_condition(made: Robustness, name: str, predictions: Predictions, found: Submission) -> Iterator[str]:
    same = predictions.clips == found.predictions.clips
    if not same or predictions.folds.tolist() != found.predictions.folds.tolist():
        yield "its rows are not those of the record, in the same order"
        return
    if wrong := [*prediction_checks.probabilities(replace(found, predictions=predictions))]:
        yield from wrong
        return
    follows = robustness.scores(join(predictions, found.population.by_clip, found.population.labels))
    if made.scores[name] != follows:
        yield f"its scores are {made.scores[name]}, but {follows} follows from the predictions"


def _odd(made: Robustness) -> Iterator[str]:
    for name, why in made.lacking.items():
        yield f"its robustness lacks {name}: {why}"
