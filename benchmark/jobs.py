"""A job: one record to make, from one protocol, model and seed."""

from __future__ import annotations

import datetime
import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

import benchmark
from benchmark import evidence, fold, provenance, records, workers
from benchmark.fold import FoldResult, Task, Teacher
from benchmark.plugins import Plugin
from benchmark.records import (
    Budget,
    CorpusFacts,
    FoldFacts,
    ModelFacts,
    Predictions,
    ProtocolFacts,
    Record,
    Run,
)
from protocols import corpora
from protocols.errors import UnheardError
from protocols.folds import Protocol


@dataclass(frozen=True, kw_only=True, eq=False)
class Job:
    """Protocol x model x seed, on one copy of the corpus, with one budget."""

    plugin: Plugin
    protocol: Protocol
    corpus: CorpusFacts
    budget: Budget
    seed: int
    device: str
    features: tuple[Path, ...]  # where the computed features and their views lie, or will
    results: Path
    teacher: Job | None = None  # seed 0 of the model that this one learns from

    @property
    def name(self) -> str:
        return f"{self.protocol.name} {self.plugin.info.name} seed {self.seed}"

    @property
    def record(self) -> Path:
        """Where the record goes."""
        return self._place(self.seed)

    @property
    def leader(self) -> Path:
        """The record whose winners this job refits: seed 0's."""
        return self._place(0)

    @cached_property
    def key(self) -> dict[str, Any]:
        """What decides the record: rule 12."""
        return provenance.key(
            self.plugin,
            self.protocol,
            copy_digest=self.corpus.digest,
            budget=self.budget,
            seed=self.seed,
            device=self.device,
            teacher=self.teacher.key if self.teacher else None,
        )

    @cached_property
    def work(self) -> Path:
        """Where unfinished work is kept, apart for each key."""
        digest = hashlib.sha256(json.dumps(self.key, sort_keys=True).encode()).hexdigest()[:12]
        name = f"{self.corpus.kind}-{self.protocol.name}-{self.plugin.info.name}-{self.seed}-{digest}"
        return self.results / ".work" / name

    @property
    def folds(self) -> list[int]:
        """The outer folds that the budget allows."""
        return list(range(len(self.protocol.folds))) if self.budget.folds is None else self.budget.folds

    def _place(self, seed: int) -> Path:
        return records.place(self.results, self.corpus.kind, self.protocol.name, self.plugin.info.name, seed)


def kept(job: Job) -> Record | None:
    """The record at this job's place, made with whatever key; None where there is none."""
    complete = job.record.is_file() and records.predictions_place(job.record).is_file()
    return records.read(job.record) if complete else None


def finished(job: Job) -> bool:
    """Whether this very record is there."""
    record = kept(job)
    return record is not None and record.key == job.key


def led(job: Job) -> bool:
    """Whether the record whose winners this job refits is there, and made with the same settings."""
    if not job.leader.is_file():
        return False
    return {**records.read(job.leader).key, "seed": job.seed} == job.key


def refuse_other_keys(jobs: Sequence[Job]) -> None:
    """UnheardError where a job's place is taken by a record of another key; it says which part differs."""
    for job in jobs:
        record = kept(job)
        if record is not None and (different := provenance.differences(record.key, job.key)):
            raise UnheardError(
                f"{job.record} was made with other settings:\n  "
                + "\n  ".join(different)
                + "\nGive --force to replace it, or --results to keep both."
            )


def tasks(job: Job) -> list[Task]:
    """The job's folds; for every seed but 0, with the winners that seed 0 found."""
    winners = _winners(job.leader) if job.seed else {}
    teachers = _winners(job.teacher.record) if job.teacher else {}
    return [
        Task(
            model=job.plugin.reference,
            protocol=job.protocol.name,
            fold=fold,
            seed=job.seed,
            budget=job.budget,
            device=job.device,
            features=job.features,
            work=job.work,
            winner=winners.get(fold),
            teacher=Teacher(job.teacher.plugin.reference, teachers[fold]) if job.teacher else None,
        )
        for fold in job.folds
    ]


def _winners(path: Path) -> dict[int, FoldFacts]:
    return {facts.fold: facts for facts in records.read(path).folds}


def assemble(job: Job, results: Sequence[FoldResult]) -> tuple[Record, Predictions]:
    """The record of a job whose folds are all finished, and its predictions."""
    corpus = corpora.load(job.protocol.corpus)
    labels = list(corpus.labels)
    predictions = fold.predictions(results)
    known = {clip.clip: clip for clip in corpus.manifest}
    clips = [known[clip] for clip in predictions.clips]
    text = records.encode_predictions(predictions, labels)
    space = {name: json.loads(text) for name, text in job.key["space"].items()}
    work: list[FoldResult | Run] = [*results]
    if job.teacher:
        work.append(records.read(job.teacher.record).run)  # its search costs the student too
    now = datetime.datetime.fromtimestamp(time.time(), datetime.UTC).isoformat(timespec="seconds")
    record = Record(
        schema=records.SCHEMA,
        board=job.corpus.kind,
        model=_declared(job),
        protocol=ProtocolFacts(
            name=job.protocol.name, version=job.protocol.version, digest=job.protocol.digest
        ),
        corpus=job.corpus,
        labels=labels,
        seed=job.seed,
        budget=job.budget,
        features=provenance.features(job.plugin),
        space=space,
        key=job.key,
        folds=[result.facts for result in results],
        scores=evidence.scores(predictions, clips, labels),
        speakers=evidence.speakers(predictions, clips, labels),
        predictions=hashlib.sha256(text).hexdigest(),
        environment=provenance.environment(job.device),
        run=Run(
            finished=now,
            seconds=round(sum(part.seconds for part in work), 1),
            host_cores=workers.cores(),
            unheard=benchmark.__version__,
            joules=_sum([part.joules for part in work]),
            submitter=provenance.submitter(),
        ),
    )
    return msgspec.convert(msgspec.to_builtins(record), Record), predictions


def _sum(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return round(sum(known), 1) if len(known) == len(parts) else None


def _declared(job: Job) -> ModelFacts:
    info = job.plugin.info
    taught = job.teacher.plugin.info.pretraining if job.teacher else ()  # what it heard is passed on
    return ModelFacts(
        name=info.name,
        version=info.version,
        title=info.title,
        summary=info.summary,
        paper=info.paper,
        licence=info.licence,
        pretraining=list(dict.fromkeys([*info.pretraining, *taught])),
        transductive=info.transductive,
        deterministic=info.deterministic,
        source=job.plugin.source,
        package=job.plugin.package,
    )
