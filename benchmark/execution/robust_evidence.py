"""From what the models of a record's folds predicted under acoustic conditions to the evidence beside it."""

from __future__ import annotations

import datetime
import hashlib
import shutil
from collections.abc import Mapping, Sequence

import msgspec
import numpy as np

from benchmark.audio import acoustic_conditions
from benchmark.execution import environment, robust_folds
from benchmark.execution.jobs import Job
from benchmark.execution.robust_folds import Ask, Asked
from benchmark.records import prediction_table, record_files
from benchmark.records import robustness as evidence
from benchmark.records.answers import join
from benchmark.records.prediction_table import Predictions
from benchmark.records.robustness import CLEAN, Robustness
from benchmark.storage import canonical
from benchmark.version import __version__
from protocols import folds


def finish(job: Job, asked: Sequence[Ask]) -> Robustness:
    """Write the evidence, once the models of all folds were asked; the work that led to it is removed."""
    record = record_files.read(job.record)
    clean, _ = prediction_table.read(record_files.predictions_place(job.record), record.labels)
    results = {one.task.fold: robust_folds.read(one.result) for one in asked}
    under = {name: _whole(clean, results, name) for name in robust_folds.conditions()}
    table = evidence.joined(under)
    known = folds.population(job.protocol).by_clip
    found = Robustness(
        schema=evidence.SCHEMA,
        key=canonical.digest(record.key),
        clean=record.predictions,
        largest=round(max(one.largest for one in results.values()), 6),
        table=acoustic_conditions.digest(),
        conditions=[acoustic_conditions.described(name) for name in under],
        lacking=acoustic_conditions.unavailable(),
        scores={
            name: evidence.scores(join(one, known, record.labels))
            for name, one in {CLEAN: clean, **under}.items()
        },
        predictions=hashlib.sha256(prediction_table.encode(table, record.labels)).hexdigest(),
        environment=environment.environment(job.device),
        run=evidence.Made(
            finished=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            seconds=round(sum(one.seconds for one in results.values()), 1),
            unheard=__version__,
            submitter=environment.submitter(),
        ),
    )
    evidence.write(evidence.place(job.record), found, table, record.labels)
    shutil.rmtree(robust_folds.work(job), ignore_errors=True)
    return found


def _whole(clean: Predictions, results: Mapping[int, Asked], condition: str) -> Predictions:
    """All folds' predictions under a condition, row by row as the record's."""
    probabilities = np.empty_like(clean.probabilities)
    for number, one in results.items():
        probabilities[clean.folds == number] = one.probabilities[condition]
    return msgspec.structs.replace(clean, probabilities=probabilities)
