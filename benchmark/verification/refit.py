"""What is to be done to refit a record: its folds as tasks, on the same audio, with the same model."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from benchmark.corpora import completeness, inventory
from benchmark.corpora.inventory import Inventory
from benchmark.execution import record_key
from benchmark.execution.task import Homes, Task, Teacher
from benchmark.features import feature_store, stack
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from benchmark.records.schema import Record
from benchmark.storage import canonical
from benchmark.verification import checks, submission
from benchmark.verification.submission import Submission, Unreadable
from protocols import corpora
from protocols.errors import PluginError, RecordError

ELSEWHERE = ("versions",)  # parts of a key that may be others where a record is refitted


@dataclass(kw_only=True)
class Copies:
    """The corpus copies below a data folder, each looked through once."""

    data: Path
    jobs: int
    found: dict[str, Inventory] = field(default_factory=dict)

    def of(self, corpus: str) -> Inventory:
        """DataError where its folder is not there, or holds what cannot be used."""
        if corpus not in self.found:
            copy = inventory.take(corpora.load(corpus), self.data / corpus, jobs=self.jobs)
            completeness.require(copy, allow_missing=True)  # what is missing is in the digest
            self.found[corpus] = copy
        return self.found[corpus]


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """A record to refit. Each fold's task carries the fold's winner, so that nothing is searched."""

    submission: Submission
    plugin: Plugin
    copies: list[Inventory]
    tasks: list[Task]


def case(path: Path, copies: Copies, work: Path, *, reference: str = "") -> Case:
    """What refitting the record at a path means; its unfinished work will lie in the folder `work`.

    `reference` names the model where its name does not: the path of a file. UnheardError where the record
    does not hold as it is, or its model or its copy of the corpus is not the one that is here.
    """
    found = _sound(path)
    record = found.record
    plugin = plugins.load(reference or record.model.name)
    if plugin.missing:
        raise PluginError(f"{path} cannot be refitted: {plugin.info.name} cannot run here: {plugin.missing}")
    used = [copies.of(copy.name) for copy in record.corpora]
    device = _device(record)
    teacher = None
    if plugin.teacher:
        teaching = plugins.teacher_of(plugin)
        theirs = _sound(path.absolute().parent.parent / teaching.info.name / "seed-0.json")
        _refuse_another(path, theirs, teaching, used, None)
        teacher = theirs.record
    _refuse_another(path, found, plugin, used, teacher)
    return Case(
        submission=found,
        plugin=plugin,
        copies=used,
        tasks=_tasks(
            record,
            plugin,
            teacher,
            device,
            tuple(feature_store.folders(stack.under(found.protocol, plugin.features), copy) for copy in used),
            work,
        ),
    )


def _tasks(
    record: Record, plugin: Plugin, teacher: Record | None, device: str, stores: Homes, work: Path
) -> list[Task]:
    of_teacher = {facts.fold: facts for facts in teacher.folds} if teacher else {}
    return [
        Task(
            model=plugin.reference,
            protocol=record.protocol.name,
            fold=facts.fold,
            seed=record.seed,
            budget=record.budget,
            device=device,
            numerics=record.key.get("numerics", "fp32"),
            features=stores,
            work=work,
            fits=work,
            key=canonical.digest(record_key.of_whole(record.key)),
            winner=facts,
            teacher=Teacher(plugins.teacher_of(plugin).reference, of_teacher[facts.fold])
            if teacher
            else None,
        )
        for facts in record.folds
    ]


def _sound(path: Path) -> Submission:
    found = submission.read(path)
    if (wrong := checks.problems(found)) or isinstance(found, Unreadable):
        raise RecordError(f"{path} does not hold as it is, so it is not refitted: {wrong[0]}")
    return found


def _refuse_another(
    path: Path, of: Submission, plugin: Plugin, used: list[Inventory], teacher: Record | None
) -> None:
    """RecordError where code, settings or audio are not those that the record was made with."""
    record = of.record
    here = record_key.key(
        plugin,
        of.protocol,
        copy_digest=used[0].digest if len(used) == 1 else {copy.corpus: copy.digest for copy in used},
        budget=record.budget,
        seed=record.seed,
        numerics=record.key.get("numerics", "fp32"),
        teacher=teacher.key if teacher else None,
    )
    there = {name: record.key.get(name) for name in ELSEWHERE}
    if different := record_key.differences(record.key, {**here, **there}):
        raise RecordError(
            f"{path} cannot be refitted: {plugin.info.name} or the audio here is not what it was made with: "
            + "; ".join(different)
        )


def _device(record: Record) -> str:
    """A GPU where the record was made on one and there is one here."""
    if record.environment.device == "cpu":
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
