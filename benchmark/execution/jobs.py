"""A job: one record to make, from one protocol, model and seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmark.execution import record_key
from benchmark.execution.task import Homes, Task, Teacher
from benchmark.features.feature_store import Home
from benchmark.models.plugins import Plugin
from benchmark.records import record_files, schema
from benchmark.records.schema import Board, Budget, CorpusFacts, FoldFacts, Record
from benchmark.storage import canonical, files
from protocols.errors import DataError, UnheardError
from protocols.folds import Protocol


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """Protocol x model x seed, on one copy of each of the protocol's corpora, with one budget."""

    plugin: Plugin
    protocol: Protocol
    reference: str  # of the protocol: its name, or the path of its file
    corpora: tuple[CorpusFacts, ...]  # the copies, in the protocol's order
    budget: Budget
    seed: int
    device: str
    numerics: str
    features: Homes  # where the computed features lie, or will
    seconds: tuple[float, float]  # of the shortest and the longest clip
    results: Path
    teacher: Job | None = None  # seed 0 of the model that this one learns from
    keep: bool = False  # whether the models of its folds are to be kept
    robust: bool = False  # whether they are to be asked under acoustic conditions, too

    @property
    def name(self) -> str:
        return f"{self.protocol.name} {self.plugin.info.name} seed {self.seed}"

    @property
    def board(self) -> Board:
        """Where the record belongs."""
        return schema.board(self.corpora)

    @property
    def record(self) -> Path:
        """Where the record goes."""
        return self._place(self.seed)

    @property
    def leader(self) -> Path:
        """The record that decides whether this job refits its winners or searches anew: seed 0's."""
        return self._place(0)

    @cached_property
    def key(self) -> dict[str, Any]:
        """What decides the record (docs/rules.md#already-there)."""
        return record_key.key(
            self.plugin,
            self.protocol,
            copy_digest=schema.copy_digest(self.corpora),
            budget=self.budget,
            seed=self.seed,
            numerics=self.numerics,
            teacher=self.teacher.key if self.teacher else None,
        )

    @cached_property
    def work(self) -> Path:
        """Where unfinished work is kept, apart for each key."""
        digest = canonical.digest(self.key)[:12]
        name = f"{self.board}-{self.protocol.name}-{self.plugin.info.name}-{self.seed}-{digest}"
        return self.results / record_files.WORK / name

    @property
    def lease(self) -> Path:
        """Where the lease of whoever works on it lies."""
        return self.work.with_suffix(".lease")

    @cached_property
    def fits(self) -> Path:
        """Where inner fits are kept, which jobs of other budgets and seeds share."""
        return self.results / record_files.WORK / "fits" / canonical.digest(record_key.of_fits(self.key))[:12]

    @cached_property
    def whole(self) -> str:
        """The digest of what decides each fold, whichever others are asked for."""
        return canonical.digest(record_key.of_whole(self.key))

    def part(self, fold: int) -> Path:
        """Where a fold of a record that has not all of them is kept, to be joined."""
        return self.fits / f"{self.whole[:24]}-{fold:02d}.fold"

    @property
    def homes(self) -> list[Home]:
        """All that its features lie in."""
        return [home for homes in self.features for home in homes]

    @property
    def corpora_named(self) -> str:
        """The corpora, in words."""
        return " and ".join(self.protocol.corpora)

    @property
    def folds(self) -> list[int]:
        """The outer folds that the budget allows."""
        return list(range(len(self.protocol.folds))) if self.budget.folds is None else self.budget.folds

    def _place(self, seed: int) -> Path:
        board = schema.board_name(self.board, self.budget)
        return record_files.place(self.results, board, self.protocol.name, self.plugin.info.name, seed)


def kept(job: Job) -> Record | None:
    """The record at this job's place, made with whatever key; None where there is none."""
    complete = job.record.is_file() and record_files.predictions_place(job.record).is_file()
    return record_files.read(job.record) if complete else None


def finished(job: Job) -> bool:
    """Whether this very record is there."""
    record = kept(job)
    return record is not None and record.key == job.key


def begun(job: Job) -> bool:
    """Whether some of its folds are finished."""
    return any(job.work.glob("fold-*.json"))


def led(job: Job) -> bool:
    """Whether seed 0's record is there, and made with the same settings."""
    if not job.leader.is_file():
        return False
    return {**record_files.read(job.leader).key, "seed": job.seed} == job.key


def refuse_other_keys(jobs: Sequence[Job]) -> None:
    """UnheardError where a job's place is taken by a record of another key; it says which part differs.

    Also by one whose predictions are gone: its scores and its search are somebody's work too. A record of
    some folds gives way where none of them is lost.
    """
    for job in jobs:
        if not job.record.is_file():
            continue
        there = record_files.read(job.record)
        if _part(there, job):
            continue
        if different := record_key.differences(there.key, job.key):
            raise UnheardError(
                f"{job.record} was made with other settings:\n  "
                + "\n  ".join(different)
                + "\nGive --force to replace it, or --results to keep both."
            )


def _part(there: Record, job: Job) -> bool:
    """Whether it has some folds of the job's whole record, each of which the job does too or is kept."""
    if there.budget.folds is None or record_key.of_whole(there.key) != record_key.of_whole(job.key):
        return False
    return all(fold in job.folds or job.part(fold).is_file() for fold in there.budget.folds)


def take_parts(job: Job) -> None:
    """Have the finished folds that records of some folds have left; DataError where one is damaged."""
    for task in tasks(job):
        part = job.part(task.fold)
        if task.result.is_file() or not part.is_file():
            continue
        kept = part.read_bytes()
        if not files.unsealed(kept):
            raise DataError(f"{part}: damaged. Remove it and run the same command again.")
        files.write(task.result, kept)


def leave_parts(job: Job) -> None:
    """Keep the folds of a record that has not all of them; once it has, they are no longer needed."""
    for task in tasks(job):
        part = job.part(task.fold)
        files.sweep(part)
        if job.budget.folds is None:
            part.unlink(missing_ok=True)
        else:
            files.write(part, task.result.read_bytes())


def tasks(job: Job) -> list[Task]:
    """The job's folds; a seed other than 0 refits the winners that seed 0 found, where they have epochs."""
    found = _winners(job.leader) if job.seed else {}
    winners = {fold: facts for fold, facts in found.items() if facts.epochs is not None}
    teachers = _winners(job.teacher.record) if job.teacher else {}
    names = tuple(tuple(tuple(Path(each.name) for each in home) for home in homes) for homes in job.features)
    return [
        Task(
            model=job.plugin.reference,
            protocol=job.reference,
            fold=fold,
            seed=job.seed,
            budget=job.budget,
            device=job.device,
            numerics=job.numerics,
            features=names,
            work=job.work,
            fits=job.fits,
            key=job.whole,
            winner=winners.get(fold),
            teacher=Teacher(job.teacher.plugin.reference, teachers[fold]) if job.teacher else None,
            keep=job.keep,
        )
        for fold in job.folds
    ]


def _winners(path: Path) -> dict[int, FoldFacts]:
    return {facts.fold: facts for facts in record_files.read(path).folds}
