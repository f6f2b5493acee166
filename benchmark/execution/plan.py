"""From what was asked for to the jobs that it means; all is looked at before anything is computed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from benchmark.corpora import inventory
from benchmark.corpora.file_index import Progress
from benchmark.corpora.inventory import Inventory
from benchmark.execution import corpus_copies, device, model_choice, protocol_choice, suites
from benchmark.execution import request as request_module
from benchmark.execution.jobs import Job
from benchmark.execution.protocol_choice import Chosen
from benchmark.execution.request import DEMO, FULL, Request
from benchmark.features import feature_store, stack
from benchmark.features.stack import Stack
from benchmark.models.plugins import Plugin
from benchmark.records.schema import Budget
from benchmark.training import numerics as numerics_module
from protocols.errors import UnheardError
from protocols.folds import Protocol


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What will be done, and what will not."""

    jobs: list[Job]
    inventories: dict[str, Inventory]  # by corpus
    results: Path
    synthetic: bool
    absent: dict[str, str]  # corpora whose folder is not there -> what is there instead
    partial: list[str]  # corpora that lack clips
    skipped: list[tuple[str, str]]  # models that cannot run here, and why
    heavy: list[str]  # models of which the embedded corpora run one epoch of one fold of one protocol

    def features(self, jobs: Iterable[Job]) -> list[tuple[Stack, Inventory]]:
        """What `feature_store.ensure` must compute for these jobs."""
        wanted = {
            homes: (stack.under(job.protocol, job.plugin.features), self.inventories[name])
            for job in jobs
            for name, homes in zip(job.protocol.corpora, job.features, strict=True)
        }
        return list(wanted.values())


def make(request: Request, *, progress: Progress | None = None) -> Plan:
    """Check the request against what is here; UnheardError says what is wrong with it."""
    suite, used = suites.find(request.suite), device.find(request.device, here=not request.cluster)
    numerics = numerics_module.find(request.numerics)
    chosen = protocol_choice.choose(request.protocols, suite, request.corpora)
    if suite.robust:
        _refuse_altered(chosen)
    models, skipped = model_choice.choose(request.models, suite, numerics=numerics)
    synthetic = request.data in (None, "demo")
    data = inventory.corpora_folder(request.data or "demo")
    budget = _budget(request, chosen, synthetic=synthetic)
    seeds = request.seeds or (1 if synthetic else budget.seeds)
    results = request.results or request_module.default_results(budget, seeds, synthetic=synthetic)
    inventories, absent = corpus_copies.look(
        chosen.values(),
        data,
        jobs=request.jobs,
        allow_missing=request.allow_missing,
        progress=progress,
    )
    makers = _Makers(
        device=used,
        numerics=numerics,
        models=models,
        heavy=[plugin.info.name for plugin in models if synthetic and model_choice.heavy(plugin)],
        inventories=inventories,
        budget=budget,
        seeds=seeds,
        results=results.absolute() if request.cluster else results,  # where all nodes find it
        keep=request.keep_models,
        robust=suite.robust,
    )
    return Plan(
        jobs=list(makers.jobs(chosen)),
        inventories=inventories,
        results=makers.results,
        synthetic=synthetic,
        absent=absent,
        partial=[name for name, found in inventories.items() if found.missing],
        skipped=skipped,
        heavy=makers.heavy,
    )


def _refuse_altered(chosen: Chosen) -> None:
    """UnheardError for a protocol whose rows are altered already."""
    for protocol in chosen.values():
        if protocol.copies:
            raise UnheardError(
                f"{protocol.name}: its rows are altered copies of clips, to which no acoustic condition is "
                "added. Name another protocol, or another suite."
            )


def _budget(request: Request, chosen: Chosen, *, synthetic: bool) -> Budget:
    budget = DEMO if synthetic else FULL
    if request.trials is not None:
        budget = replace(budget, trials=request.trials)
    if request.epochs is not None:
        budget = replace(budget, epochs=request.epochs)
    if request.folds:
        budget = replace(budget, folds=protocol_choice.outer_folds(chosen, request.folds))
    return budget


@dataclass(frozen=True, kw_only=True)
class _Makers:
    """What all jobs of a plan have in common."""

    models: list[Plugin]
    heavy: list[str]
    inventories: dict[str, Inventory]
    budget: Budget
    seeds: int
    device: str
    numerics: str
    results: Path
    keep: bool
    robust: bool  # whether seed 0's models are to be asked under acoustic conditions, too

    def jobs(self, chosen: Chosen) -> Iterator[Job]:
        """Protocol by protocol, model by model, seed by seed."""
        here = {
            reference: protocol
            for reference, protocol in chosen.items()
            if corpus_copies.complete(protocol, self.inventories)
        }
        lightest = min(here.values(), key=self._size)
        for reference, protocol in here.items():
            teachers: dict[str, Job] = {}
            for plugin in self.models:
                if plugin.info.name in self.heavy and protocol is not lightest:
                    continue
                for seed in range(self.seeds):
                    job = self._job(reference, protocol, plugin, seed, teachers.get(plugin.teacher))
                    teachers.setdefault(plugin.reference, job)  # seed 0
                    yield job

    def _job(self, reference: str, protocol: Protocol, plugin: Plugin, seed: int, teacher: Job | None) -> Job:
        copies = [self.inventories[name] for name in protocol.corpora]
        robust = self.robust and seed == 0
        keep = (self.keep or robust) and plugin.backend.keepable(plugin.model)  # which may import torch
        return Job(
            plugin=plugin,
            protocol=protocol,
            reference=reference,
            corpora=tuple(map(corpus_copies.facts, copies)),
            budget=self._of(protocol, plugin),
            seed=seed,
            device=self.device,
            numerics=self.numerics,
            features=tuple(
                feature_store.folders(stack.under(protocol, plugin.features), copy) for copy in copies
            ),
            seconds=(
                min(min(copy.seconds.values()) for copy in copies),
                max(max(copy.seconds.values()) for copy in copies),
            ),
            results=self.results,
            teacher=teacher,
            keep=keep,
            robust=keep and robust,
        )

    def _of(self, protocol: Protocol, plugin: Plugin) -> Budget:
        """The budget of one model on one protocol, which may have fewer folds than the demo takes."""
        folds, epochs = self.budget.folds, self.budget.epochs
        if folds is not None:
            folds = [fold for fold in folds if fold < len(protocol.folds)]
        if plugin.info.name in self.heavy:
            folds, epochs = (folds or [0])[:1], 1
        trials = self.budget.trials if protocol.search else 1
        return replace(self.budget, trials=trials, folds=folds, epochs=epochs)

    def _size(self, protocol: Protocol) -> int:
        """What orders protocols by their work: rows times fits of a trial."""
        clips = sum(len(self.inventories[name].files) for name in protocol.corpora)
        return clips * (1 + protocol.copies) * (1 + len(protocol.folds[0].validation))
