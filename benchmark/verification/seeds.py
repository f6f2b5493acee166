"""The seeds of one model: the records beside a record that differ from it in nothing but their seed."""

from __future__ import annotations

from benchmark.records.schema import Record
from benchmark.verification import checks, submission
from benchmark.verification.submission import Known, Submission


def span(found: Submission, known: Known | None = None) -> float:
    """From the lowest to the highest UAR of the seeds beside a record that count and hold, with itself."""
    record = found.record
    uars = [record.scores.uar]
    for path in (found.path.with_name(f"seed-{seed}.json") for seed in range(record.budget.seeds)):
        if path.name == found.path.name or not path.exists():
            continue
        other = submission.read(path, known)
        if isinstance(other, Submission) and _same_settings(other.record, record):
            uars += [] if checks.problems(other) else [other.record.scores.uar]
    return round(max(uars) - min(uars), 6)


def _same_settings(other: Record, record: Record) -> bool:
    return {**other.key, "seed": record.seed} == record.key
