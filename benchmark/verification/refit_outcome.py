"""What refitting a record gave, held against what the record says."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import msgspec
import numpy as np

import benchmark
from benchmark.execution import environment, fold
from benchmark.execution.fold import FoldResult
from benchmark.records import prediction_table, record_files, schema, scoring
from benchmark.records.prediction_table import Predictions
from benchmark.verification import certificate as kept
from benchmark.verification import recomputation as recomputed
from benchmark.verification.anonymisation import Blind
from benchmark.verification.certificate import Verification
from benchmark.verification.refit import Case
from protocols import folds


def verification(each: Case, blinds: Sequence[Blind]) -> Verification:
    """What came out, once all folds of a record are refitted."""
    record, results = each.record, [fold.read(task.result) for task in each.tasks]
    again = fold.predictions(results)
    known = folds.population(folds.load(record.protocol.name)).by_clip
    scores = scoring.scores(again, [known[clip] for clip in again.clips], record.labels)
    text = prediction_table.encode(again, record.labels)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    made = Verification(
        schema=kept.SCHEMA,
        record=kept.digest(each.path),
        predictions=kept.sha256(text),
        largest=_largest(each.predictions, again),
        uar=scores.uar,
        said=record.scores.uar,
        span=_span(each),
        blind=_same(results, blinds) if blinds else "not tried",
        verdict="differs",
        by=environment.submitter(),
        finished=now,
        seconds=round(sum(result.seconds for result in results), 1),
        unheard=benchmark.__version__,
        environment=environment.environment(each.tasks[0].device),
    )
    return msgspec.structs.replace(made, verdict=kept.verdict(made, record))


def _largest(said: Predictions, again: Predictions) -> float:
    """The largest difference of a probability."""
    row = {clip: number for number, clip in enumerate(said.clips)}
    order = [row[clip] for clip in again.clips]
    return round(float(np.abs(said.probabilities[order] - again.probabilities).max()), schema.DECIMALS)


def _span(each: Case) -> float:
    """From the lowest to the highest UAR of the seeds beside the record that hold."""
    uars = [each.record.scores.uar]
    for path in sorted(each.path.parent.glob("seed-*.json")):
        if path.name != each.path.name and not recomputed.problems(path):
            other = record_files.read(path)
            if {**other.key, "seed": each.record.seed} == each.record.key:
                uars.append(other.scores.uar)
    return round(max(uars) - min(uars), 6)


def _same(results: Sequence[FoldResult], blinds: Sequence[Blind]) -> kept.Blind:
    """Whether the disguised folds gave the ordinary refit's predictions, clip by clip."""
    for result, one in zip(results, blinds, strict=True):
        hidden = fold.read(one.task.result)
        named = [one.names[clip] for clip in hidden.clips]  # KeyError: a clip that was not disguised
        if (named, hidden.probabilities) != (result.clips, result.probabilities):
            return "differs"
    return "identical"
