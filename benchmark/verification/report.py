"""What `verify` reports: a judgement for each record, and what has changed since a git ref."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmark.records import folder
from benchmark.records.states import State
from benchmark.verification import against, judgement
from benchmark.verification.against import Changes
from benchmark.verification.certificate import Verification
from benchmark.verification.judgement import Judged
from benchmark.verification.submission import Known

if TYPE_CHECKING:
    from benchmark.verification.rerun import Outcome as Refit


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What `verify` finds of one record."""

    path: Path
    state: State
    problems: list[str]  # what is wrong with it, and with its robustness
    outdated: list[str]  # why it is stale
    notes: list[str]  # for a reviewer to judge
    verification: Verification | None  # of this very record, where there is one
    refit: Refit | None = None  # what came of fitting its winners again, where that was asked for

    @property
    def holds(self) -> bool:
        """Whether nothing wrong was found in it: it may be stale, and still hold."""
        return not self.problems

    @property
    def reproduced(self) -> bool:
        """Whether the refit, if one was asked for, came within tolerance (docs/rules.md, "Repeatable")."""
        made = self.refit and self.refit.verification
        return self.refit is None or bool(made and made.verdict != "differs")


def judgements(found: Sequence[Judged], refits: Mapping[Path, Refit]) -> list[Judgement]:
    """A judgement for each record, with notes that take all of them together."""
    notes = judgement.notes(found)
    return [
        Judgement(
            path=one.path,
            state=one.state,
            problems=[*one.problems, *one.beside],
            outdated=one.outdated,
            notes=notes.get(one.path, []),
            verification=one.verification,
            refit=refits.get(one.path),
        )
        for one in found
    ]


def review(results: Path, ref: str) -> tuple[list[Judgement], Changes]:
    """Judge all records below `results`, and compare the folder with what it was at a git ref.

    Only verifications that the ref has count: what a submission brings along proves nothing. UnheardError
    where the folder holds no record, is in no git repository, or where there is no such ref.
    """
    paths, known = folder.paths(results), Known()
    with against.before(results, ref) as (earlier, commit):
        trusted = against.trusted(results, earlier)
        found = [judgement.judge(path, known, trusted=trusted) for path in paths]
        changes = against.compare(results, earlier, commit, found)
    return judgements(found, {}), changes
