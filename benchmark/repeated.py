"""What refitting a record gave, held against what the record says."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import msgspec
import numpy as np

import benchmark
from benchmark import evidence, fold, provenance, records
from benchmark import verification as recomputed
from benchmark import verifications as kept
from benchmark.blind import Blind
from benchmark.fold import FoldResult
from benchmark.records import Predictions
from benchmark.refit import Case
from benchmark.verifications import Verification
from protocols import corpora


def verification(each: Case, blinds: Sequence[Blind]) -> Verification:
    """What came out, once all folds of a record are refitted."""
    record, results = each.record, [fold.read(task.result) for task in each.tasks]
    again = fold.predictions(results)
    known = {clip.clip: clip for clip in corpora.load(record.corpus.name).manifest}
    scores = evidence.scores(again, [known[clip] for clip in again.clips], record.labels)
    text = records.encode_predictions(again, record.labels)
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
        by=provenance.submitter(),
        finished=now,
        seconds=round(sum(result.seconds for result in results), 1),
        unheard=benchmark.__version__,
        environment=provenance.environment(each.tasks[0].device),
    )
    return msgspec.structs.replace(made, verdict=kept.verdict(made, record))


def _largest(said: Predictions, again: Predictions) -> float:
    """The largest difference of a probability."""
    row = {clip: number for number, clip in enumerate(said.clips)}
    order = [row[clip] for clip in again.clips]
    return round(float(np.abs(said.probabilities[order] - again.probabilities).max()), records.DECIMALS)


def _span(each: Case) -> float:
    """From the lowest to the highest UAR of the seeds beside the record that hold."""
    uars = [each.record.scores.uar]
    for path in sorted(each.path.parent.glob("seed-*.json")):
        if path.name != each.path.name and not recomputed.problems(path):
            other = records.read(path)
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
