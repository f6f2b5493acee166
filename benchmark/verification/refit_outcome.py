"""What refitting a record gave, beside what the record holds."""

from __future__ import annotations

import datetime
import hashlib

import msgspec
import numpy as np

from benchmark.execution import environment, fold
from benchmark.execution.fold import FoldResult
from benchmark.records import prediction_table, schema, scoring
from benchmark.records.answers import join
from benchmark.records.prediction_table import Predictions
from benchmark.verification import blind_refit, certificate, seeds
from benchmark.verification.certificate import Verification
from benchmark.verification.refit import Case
from benchmark.version import __version__


def verification(case: Case, *, blindly: bool) -> Verification:
    """What came out, once all folds of a record are refitted, and `blindly` in the sandbox too."""
    found, results = case.submission, [fold.read(task.result) for task in case.tasks]
    record, again = found.record, fold.predictions(results)
    scores = scoring.scores(join(again, found.population.by_clip, record.labels))
    text = prediction_table.encode(again, record.labels)
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    span = seeds.span(found)
    made = Verification(
        schema=certificate.SCHEMA,
        record=found.file,
        predictions=hashlib.sha256(text).hexdigest(),
        largest=_largest(found.predictions, again),
        uar=scores.uar,
        recorded_uar=record.scores.uar,
        span=span,
        blind=_blind(case, results) if blindly else "not tried",
        verdict="differs",
        by=environment.submitter(),
        finished=now,
        seconds=round(sum(result.seconds for result in results), 1),
        unheard=__version__,
        environment=environment.environment(case.tasks[0].device),
    )
    return msgspec.structs.replace(made, verdict=certificate.verdict(made, record, span=span))


def _largest(recorded: Predictions, again: Predictions) -> float:
    """The largest difference of a probability."""
    row = {clip: number for number, clip in enumerate(recorded.clips)}
    order = [row[clip] for clip in again.clips]
    return round(float(np.abs(recorded.probabilities[order] - again.probabilities).max()), schema.DECIMALS)


def _blind(case: Case, results: list[FoldResult]) -> certificate.Blind:
    """Whether the sandbox gave the same predictions."""
    pairs = zip(case.tasks, results, strict=True)
    same = all(blind_refit.same(task, result.probabilities) for task, result in pairs)
    return "within 0.001" if same else "differs"
