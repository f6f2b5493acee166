"""The seeds of one model: the records beside a record that differ from it in nothing but their seed."""

from __future__ import annotations

from benchmark.records.schema import Record
from benchmark.verification import checks, submission
from benchmark.verification.submission import Known, Submission


def span(found: Submission, known: Known | None = None) -> float:
    """From the lowest to the highest UAR of the seeds beside a record that hold, itself included."""
    record = found.record
    uars = [record.scores.uar]
    for path in sorted(found.path.parent.glob("seed-*.json")):
        if path.name == found.path.name:
            continue
        other = submission.read(path, known)
        if isinstance(other, Submission) and _same_settings(other.record, record):
            uars += [] if checks.problems(other) else [other.record.scores.uar]
    return round(max(uars) - min(uars), 6)


def _same_settings(other: Record, record: Record) -> bool:
    return {**other.key, "seed": record.seed} == record.key
