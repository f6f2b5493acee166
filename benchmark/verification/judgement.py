"""Judges records where they lie: what is wrong with each, and the state that follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmark.records import record_files, states
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import Record
from benchmark.records.states import State
from benchmark.verification import certificate, checks, plausibility, submission
from benchmark.verification.certificate import Verification
from benchmark.verification.submission import Submission, Unreadable
from protocols import folds
from protocols.errors import RecordError, UnheardError
from protocols.folds import Protocol


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A record and what was found about it. `verification` is of this very record, or None."""

    path: Path
    record: Record | None  # None where it cannot be read
    problems: list[str]
    state: State
    verification: Verification | None = None
    notes: list[str] = field(default_factory=list)  # on its verification
    predictions: Predictions | None = None  # those that it vouches for, where they can be read


def judge(path: Path) -> Judged:
    """Recompute the record at a path from its predictions, and look for its verification."""
    found = submission.read(path)
    problems, record = checks.problems(found), found.record
    if record is None:
        return Judged(path=path, record=None, problems=problems, state="self-reported")
    try:
        made = certificate.read(certificate.place(path))
    except RecordError as error:
        made, problems = None, [*problems, f"its verification cannot be read: {error}"]
    bound = made if made and made.record == found.file else None
    return Judged(
        path=path,
        record=record,
        problems=problems,
        state=states.state(
            record,
            protocol=_protocol(found, record),
            problems=problems,
            verified=bound is not None and certificate.holds(bound, record, found.file),
        ),
        verification=bound,
        notes=_on_verification(made, bound, record),
        predictions=_vouched(found),
    )


def of(results: Path) -> Callable[[Record], State]:
    """Gives the state of a record of this results folder; each is judged once."""

    @cache
    def look(path: Path) -> tuple[Record | None, State]:
        judged = judge(path)
        return judged.record, judged.state

    def state(record: Record) -> State:
        path = record_files.place(results, record.board, record.protocol.name, record.model.name, record.seed)
        there, found = look(path)
        return found if there == record else "self-reported"

    return state


def notes(found: Sequence[Judged]) -> dict[Path, list[str]]:
    """Notes for a reviewer on these records, each alone and beside the others."""
    seen = [plausibility.Seen(str(one.path), one.record, one.predictions) for one in found if one.record]
    odd = plausibility.notes(seen)
    noted = {one.path: [*one.notes, *odd.get(str(one.path), [])] for one in found}
    return {path: notes for path, notes in noted.items() if notes}


def _vouched(found: Submission | Unreadable) -> Predictions | None:
    if isinstance(found, Unreadable) or found.digest != found.record.predictions:
        return None
    return found.predictions if found.record.labels == list(found.population.labels) else None


def _protocol(found: Submission | Unreadable, record: Record) -> Protocol | None:
    """Today's of that name, None where there is none."""
    if isinstance(found, Submission):
        return found.protocol
    try:
        return folds.load(record.protocol.name)
    except UnheardError:
        return None


def _on_verification(made: Verification | None, bound: Verification | None, record: Record) -> list[str]:
    """What a reviewer should know of the verification."""
    if made and not bound:
        return ["its verification is of a record that has changed since"]
    if bound and certificate.verdict(bound, record) == "differs":
        return [f"refitted, it came out differently: UAR {bound.uar:.4f}, not {record.scores.uar:.4f}"]
    if bound and bound.by and bound.by == record.run.submitter:
        return [f"verified by its own submitter, {bound.by!r}"]
    return []
