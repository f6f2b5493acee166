"""Judges records where they lie: what is wrong with each, and the state that follows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from benchmark.execution import record_key
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from benchmark.records import record_files, states
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import Record
from benchmark.records.states import State
from benchmark.verification import (
    certificate,
    checks,
    model_checks,
    plausibility,
    robustness_checks,
    search_checks,
    seeds,
    submission,
)
from benchmark.verification.certificate import Verification
from benchmark.verification.robustness_checks import Found
from benchmark.verification.submission import Known, Submission, Unreadable
from protocols.errors import RecordError, UnheardError

Trusted = Callable[[Path], bool]  # whether the verification at a path may count


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A record and what was found about it. `verification` is of this very record, or None."""

    path: Path
    record: Record | None  # None where it cannot be read
    problems: list[str]
    state: State
    beside: list[str] = field(default_factory=list)  # what is wrong with what lies beside it
    outdated: list[str] = field(default_factory=list)  # why it is stale
    verification: Verification | None = None
    notes: list[str] = field(default_factory=list)  # on its verification
    predictions: Predictions | None = None  # those that it vouches for, where they can be read


def judge(
    path: Path, known: Known | None = None, *, trusted: Trusted = lambda _: True, noted: bool = True
) -> Judged:
    """Recompute the record at a path from its predictions, and look for its verification.

    `noted`: also look for what a reviewer should know: of a stale record what its model declares now, for
    which the model is imported, of others all trials of their searches.
    """
    known = known or Known()
    found = submission.read(path, known)
    problems, record = checks.problems(found), found.record
    if record is None:
        return Judged(path=path, record=None, problems=problems, state="invalid")
    made, notes = _verification(certificate.place(path), trusted)
    bound = made if made and made.record == found.file else None
    if made and not bound:
        notes.append("its verification is of a record that has changed since")
    span = seeds.span(found, known) if bound and isinstance(found, Submission) else 0.0
    wrong = list[str]()
    if bound and isinstance(found, Submission):
        wrong = list(certificate.contradictions(bound, record, span=span))
        problems = problems if wrong else [*problems, *_refuted(bound, record, span)]
    outdated = found.outdated if isinstance(found, Submission) else _engine(record)
    unknown = isinstance(found, Unreadable) and found.unknown
    robust = robustness_checks.look(found) if noted and isinstance(found, Submission) else Found()
    return Judged(
        path=path,
        record=record,
        problems=problems,
        state=states.state(
            outdated=outdated,
            problems=None if unknown else problems,
            verified=bound is not None and not wrong,
        ),
        beside=list(robust.problems),
        outdated=outdated,
        verification=bound,
        notes=[
            *notes,
            *(f"its verification does not count: {why}" for why in wrong),
            *_of_verified(bound, record, span),
            *(_odd(found) if noted else []),
            *robust.notes,
        ],
        predictions=_vouched(found),
    )


def of(results: Path) -> Callable[[Record], State]:
    """Gives the state of a record of this results folder; each is judged once."""
    known = Known()

    @cache
    def look(path: Path) -> tuple[Record | None, State]:
        judged = judge(path, known, noted=False)
        return judged.record, judged.state

    def state(record: Record) -> State:
        path = record_files.place_of(results, record)
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


def _engine(record: Record) -> list[str]:
    """Why a record of an unknown protocol is stale, as far as that can be seen."""
    return states.outdated(record, protocol=None, engine=record_key.TRAINING_VERSION, source=None)


def _verification(place: Path, trusted: Trusted) -> tuple[Verification | None, list[str]]:
    """The verification at a place, where there is one that counts, and what a reviewer should know of it."""
    try:
        made = certificate.read(place)
    except RecordError as error:
        return None, [f"its verification cannot be read: {error}"]
    if made and not trusted(place):
        return None, [
            "its verification came with it and does not count; make your own: verify --rerun --blind"
        ]
    return made, []


def _refuted(made: Verification, record: Record, span: float) -> Iterator[str]:
    """How a verification of this very record contradicts it."""
    if certificate.verdict(made, record, span=span) == "differs":
        if made.blind == "differs":
            yield (
                "refitted in a sandbox without labels, it came out differently: does it look labels up, or "
                "use other test clips?"
            )
        else:
            yield f"refitted, it came out differently: UAR {made.uar:.4f}, not {record.scores.uar:.4f}"


def _odd(found: Submission | Unreadable) -> Iterator[str]:
    """What a stale record says of its model and the installed one does not: of other code it may.

    Of a record that is not stale, trials that its search does not propose here.
    """
    if isinstance(found, Unreadable):
        return
    if found.plugin is None:
        yield "its model is not installed: what it declares, costs and searches is held to itself alone"
    elif found.outdated:
        yield from model_checks.facts(found)
    else:
        yield from search_checks.later_proposals(found)
        yield from _taught(found, found.plugin)


def _taught(found: Submission, plugin: Plugin) -> Iterator[str]:
    """Of a student: whether its teacher's record is there, is the one that it names, and holds."""
    if not plugin.teacher:
        return
    try:
        name = plugins.teacher_of(plugin).info.name
    except UnheardError as error:
        yield f"its teacher cannot be used here: {error}"
        return
    teacher = submission.read(found.path.absolute().parent.parent / name / "seed-0.json")
    if teacher.record is None:
        yield f"its teacher is {name}, of which no readable seed-0.json is here"
    elif found.record.key.get("teacher") != record_key.of_teacher(teacher.record.key):
        yield f"its teacher is another than the {name} whose record is here"
    elif checks.problems(teacher):
        yield f"its teacher's record, {name}, does not hold"


def _of_verified(made: Verification | None, record: Record, span: float) -> Iterator[str]:
    """What a reviewer should know of a verification that counts: who made it, and how near it came."""
    if not made:
        return
    if made.by and made.by == record.run.submitter:
        yield f"verified by its own submitter, {made.by!r}"
    if certificate.verdict(made, record, span=0) != certificate.verdict(made, record, span=span):
        yield (
            f"refitted, its UAR is {100 * made.uar:.1f}, not {100 * record.scores.uar:.1f}, which only the "
            f"range of its seeds allows: refit these too"
        )
