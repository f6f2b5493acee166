"""Assembles a record from the results of its folds."""

from __future__ import annotations

import datetime
import hashlib
import json
import time
from collections import Counter
from collections.abc import Sequence

import msgspec

from benchmark.compute import machine
from benchmark.execution import environment, fold, record_key
from benchmark.execution.fold import FoldResult
from benchmark.execution.jobs import Job
from benchmark.models.plugins import Plugin
from benchmark.records import prediction_table, record_files, schema, scoring
from benchmark.records.answers import join
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import Environment, ModelFacts, ProtocolFacts, Record, Run
from benchmark.version import __version__
from protocols import folds
from protocols.folds import Protocol


def assemble(job: Job, results: Sequence[FoldResult]) -> tuple[Record, Predictions]:
    """The record of a job whose folds are all finished, and its predictions."""
    population = folds.population(job.protocol)
    labels = list(population.labels)
    predictions = fold.predictions(results)
    answers = join(predictions, population.by_clip, labels)
    text = prediction_table.encode(predictions, labels)
    space = {name: json.loads(text) for name, text in job.key["space"].items()}
    work: list[FoldResult | Run] = [*results]
    if job.teacher:
        work.append(record_files.read(job.teacher.record).run)  # its search costs the student too
    environments = _environments(job, results)
    usual = max(environments, key=environments.count)
    now = datetime.datetime.fromtimestamp(time.time(), datetime.UTC).isoformat(timespec="seconds")
    record = Record(
        schema=schema.SCHEMA,
        board=job.board,
        model=declared(job.plugin, job.teacher.plugin if job.teacher else None),
        protocol=_protocol(job.protocol),
        corpora=list(job.corpora),
        labels=labels,
        seed=job.seed,
        budget=job.budget,
        features=record_key.features(job.plugin),
        space=space,
        key=job.key,
        folds=[result.facts for result in results],
        scores=scoring.scores(answers),
        speakers=scoring.speakers(answers),
        predictions=hashlib.sha256(text).hexdigest(),
        environment=usual,
        run=Run(
            finished=now,
            seconds=round(sum(part.seconds for part in work), 1),
            host_cores=machine.cores(),
            unheard=__version__,
            joules=_sum([part.joules for part in work]),
            fitted=dict(sum((Counter(result.fitted) for result in results), Counter[str]())),
            environments=environments if environments.count(usual) < len(environments) else [],
            submitter=environment.submitter(),
        ),
    )
    return msgspec.convert(msgspec.to_builtins(record), Record), predictions


def _environments(job: Job, results: Sequence[FoldResult]) -> list[Environment]:
    """Where each fold was done: on workers whose code is this checkout's, or they would have been refused."""
    return [
        msgspec.structs.replace(result.environment, commit=environment.checkout_commit())
        if result.environment
        else environment.environment(job.device)
        for result in results
    ]


def _sum(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return round(sum(known), 1) if len(known) == len(parts) else None


def _protocol(protocol: Protocol) -> ProtocolFacts:
    return ProtocolFacts(
        name=protocol.name,
        version=protocol.version,
        digest=protocol.digest,
        leaks=protocol.leaks,
        ranks=protocol.ranks,
    )


def declared(plugin: Plugin, teacher: Plugin | None) -> ModelFacts:
    """What a record keeps of a model; a teacher's pretraining is its student's too."""
    info = plugin.info
    passed_on = teacher.info.pretraining if teacher else ()
    return ModelFacts(
        name=info.name,
        version=info.version,
        title=info.title,
        summary=info.summary,
        paper=info.paper,
        licence=info.licence,
        pretraining=list(dict.fromkeys([*info.pretraining, *passed_on])),
        transductive=info.transductive,
        deterministic=info.deterministic,
        source=plugin.source,
        package=plugin.package,
        enrolment=plugin.enrolment,  # type: ignore[arg-type]
    )
