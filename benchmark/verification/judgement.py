"""Judges records where they lie: what is wrong with each, and the state that follows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmark.records import prediction_table, record_files, states
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import Record
from benchmark.records.states import State
from benchmark.storage import bounds
from benchmark.verification import certificate, plausibility, recomputation
from benchmark.verification.certificate import Verification
from protocols import folds
from protocols.errors import RecordError, UnheardError
from protocols.folds import Protocol


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A record and what there is to say of it. `verification` is of this very record, or None."""

    path: Path
    record: Record | None  # None where it cannot be read
    problems: list[str]
    state: State
    verification: Verification | None = None
    notes: list[str] = field(default_factory=list)  # on its verification


def judge(path: Path) -> Judged:
    """Recompute the record at a path from its predictions, and look for its verification."""
    if strange := bounds.strange_kind(path, record_files.predictions_place(path)):  # then it is not opened
        return Judged(path=path, record=None, problems=[strange], state="self-reported")
    wrong = recomputation.problems(path)
    try:
        record = record_files.read(path)
    except RecordError:
        return Judged(path=path, record=None, problems=wrong, state="self-reported")
    try:
        made = certificate.read(certificate.place(path))
    except RecordError as error:
        made, wrong = None, [*wrong, f"its verification cannot be read: {error}"]
    digest = certificate.digest(path)
    bound = made if made and made.record == digest else None
    return Judged(
        path=path,
        record=record,
        problems=wrong,
        state=states.state(
            record,
            protocol=_known(record.protocol.name),
            problems=wrong,
            verified=bound is not None and certificate.holds(bound, record, digest),
        ),
        verification=bound,
        notes=_told(made, bound, record),
    )


def of(results: Path) -> Callable[[Record], State]:
    """Gives the state of a record of this results folder; each is judged once."""
    look = cache(judge)

    def state(record: Record) -> State:
        path = record_files.place(results, record.board, record.protocol.name, record.model.name, record.seed)
        found = look(path)
        return found.state if found.record == record else "self-reported"

    return state


def notes(found: Sequence[Judged]) -> dict[Path, list[str]]:
    """Notes for a reviewer on these records, each alone and beside the others."""
    seen = [
        plausibility.Seen(str(one.path), one.record, _said(one.path, one.record))
        for one in found
        if one.record
    ]
    odd = plausibility.notes(seen)
    told = {one.path: [*one.notes, *odd.get(str(one.path), [])] for one in found}
    return {path: notes for path, notes in told.items() if notes}


def _said(path: Path, record: Record) -> Predictions | None:
    return prediction_table.of_digest(record_files.predictions_place(path), record.labels, record.predictions)


def _known(name: str) -> Protocol | None:
    try:
        return folds.load(name)
    except UnheardError:
        return None


def _told(made: Verification | None, bound: Verification | None, record: Record) -> list[str]:
    """What a reviewer should know of the verification."""
    if made and not bound:
        return ["its verification is of a record that has changed since"]
    if bound and certificate.verdict(bound, record) == "differs":
        return [f"refitted, it came out differently: UAR {bound.uar:.4f}, not {record.scores.uar:.4f}"]
    if bound and bound.by and bound.by == record.run.submitter:
        return [f"verified by its own submitter, {bound.by!r}"]
    return []
