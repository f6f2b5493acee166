"""From what was asked for to the jobs that it means; all is looked at before anything is computed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from benchmark.corpora import inventory
from benchmark.corpora.inventory import Inventory
from benchmark.execution import request as request_module
from benchmark.execution import suites
from benchmark.execution.jobs import Job
from benchmark.execution.request import DEMO, FULL, SEEDS, Request
from benchmark.features import feature_store, front_ends
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from benchmark.records.schema import CorpusFacts
from protocols import corpora, folds, registry
from protocols.corpora import Corpus
from protocols.errors import DataError, PluginError, UnheardError
from protocols.folds import Protocol

HEAVY = 200_000_000  # multiply-adds: a model above runs one fold of one embedded corpus


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What will be done, and what will not."""

    jobs: list[Job]
    inventories: dict[str, Inventory]  # by corpus
    results: Path
    synthetic: bool
    absent: list[str]  # corpora whose folder is not there
    partial: list[str]  # corpora that lack clips
    skipped: list[tuple[str, str]]  # models that cannot run here, and why
    heavy: list[str]  # models of which the embedded corpora run one fold of one corpus


def make(request: Request, *, progress: inventory.Progress | None = None) -> Plan:
    """Check the request against what is here; UnheardError says what is wrong with it."""
    suite = suites.find(request.suite)
    device = _device(request.device)
    chosen = _protocols(request.protocols or suite.protocols, request.corpora)
    models, skipped = _models(request.models, cheap=suite.cheap)
    synthetic = request.data in (None, "demo")
    data = inventory.corpora_folder(request.data or "demo")
    budget = DEMO if synthetic else FULL
    if request.trials is not None:
        budget = replace(budget, trials=request.trials)
    if request.folds:
        budget = replace(budget, folds=_folds(chosen, request.folds))
    seeds = request.seeds or (1 if synthetic else SEEDS)
    inventories, absent = _inventories(request, chosen, data, progress)
    results = request.results or request_module.default_results(budget, seeds, synthetic=synthetic)
    heavy = [plugin.info.name for plugin in models if synthetic and _heavy(plugin)]
    lightest = min(
        (protocol for protocol in chosen if protocol.corpora[0] in inventories),
        key=lambda protocol: (
            len(inventories[protocol.corpora[0]].files) * (1 + len(protocol.folds[0].validation))
        ),
    )
    jobs: list[Job] = []
    for protocol in (protocol for protocol in chosen if protocol.corpora[0] in inventories):
        teachers: dict[str, Job] = {}
        for plugin in models:
            few = plugin.info.name in heavy
            if few and protocol is not lightest:
                continue
            for seed in range(1 if plugin.info.deterministic else seeds):
                job = Job(
                    plugin=plugin,
                    protocol=protocol,
                    corpus=_facts(corpora.load(protocol.corpora[0]), inventories[protocol.corpora[0]]),
                    budget=replace(budget, folds=(budget.folds or [0])[:1]) if few else budget,
                    seed=seed,
                    device=device,
                    features=feature_store.folders(plugin.features, inventories[protocol.corpora[0]]),
                    results=results,
                    teacher=teachers.get(plugin.teacher),
                )
                jobs.append(job)
                teachers.setdefault(plugin.reference, job)  # seed 0
    return Plan(
        jobs=jobs,
        inventories=inventories,
        results=results,
        synthetic=synthetic,
        absent=absent,
        partial=[name for name, found in inventories.items() if found.missing and found.kind != "synthetic"],
        skipped=skipped,
        heavy=heavy,
    )


def _protocols(names: Sequence[str], wanted: Sequence[str]) -> list[Protocol]:
    for corpus in wanted:
        corpora.load(corpus)  # RegistryError for an unknown one
    protocols = [folds.load(name) for name in names]
    if not wanted:
        return protocols
    chosen = [protocol for protocol in protocols if protocol.corpora[0] in wanted]
    lacking = set(wanted) - {protocol.corpora[0] for protocol in chosen}
    return chosen + (_outsiders(lacking) if lacking else [])


def _folds(protocols: Sequence[Protocol], wanted: Sequence[int]) -> list[int]:
    """The outer folds that were named, in order; each protocol must have them."""
    for protocol in protocols:
        last = len(protocol.folds) - 1
        if strange := [fold for fold in wanted if not 0 <= fold <= last]:
            raise UnheardError(f"--fold {strange[0]}: {protocol.name} has the folds 0 to {last}.")
    return sorted(set(wanted))


def _outsiders(wanted: set[str]) -> list[Protocol]:
    """Protocols of corpora that no suite has: somebody else's, which run where they are named."""
    ours = {name for suite in suites.SUITES.values() for name in suite.protocols}
    others = [folds.load(name) for name in registry.names("protocols") if name not in ours]
    if without := sorted(wanted - {protocol.corpora[0] for protocol in others}):
        raise UnheardError(f"{without[0]}: no installed protocol is for it; see CONTRIBUTING.md.")
    return [protocol for protocol in others if protocol.corpora[0] in wanted]


def _models(wanted: Sequence[str], *, cheap: bool) -> tuple[list[Plugin], list[tuple[str, str]]]:
    bad: dict[str, str] = {}
    if wanted:
        found = [plugins.load(reference) for reference in dict.fromkeys(wanted)]
        for plugin in found:
            plugin.space()  # one that cannot be searched is told before any work
    else:
        found, bad = plugins.installed()
        found = [plugin for plugin in found if plugin.info.cheap or not cheap]
    found = _teachers_first(found)
    names = [plugin.info.name for plugin in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise PluginError(f"two of the models are called {twice[0]!r}; rename one.")
    skipped = [(plugin.info.name, plugin.missing) for plugin in found if plugin.missing]
    if wanted and skipped:
        raise PluginError(f"{skipped[0][0]} cannot run here: {skipped[0][1]}")
    return [plugin for plugin in found if not plugin.missing], [*skipped, *bad.items()]


def _teachers_first(found: list[Plugin]) -> list[Plugin]:
    """With the teachers that these models need, each before its students."""
    teachers = {plugin.teacher: plugins.teacher_of(plugin) for plugin in found if plugin.teacher}
    own = {teacher.reference for teacher in teachers.values()}
    return [*teachers.values(), *(plugin for plugin in found if plugin.reference not in own)]


def _heavy(plugin: Plugin) -> bool:
    from benchmark.cost import measure

    if any(map(front_ends.encoder_of, plugin.features)):  # a large network itself
        return True
    networks = [one for one in _teachers_first([plugin]) if one.backend.is_network]
    counts = [measure.of_network(network).official.model for network in networks]
    return any(count is None or sum(count.values()) > HEAVY for count in counts)


def _inventories(
    request: Request, chosen: list[Protocol], data: Path, progress: inventory.Progress | None
) -> tuple[dict[str, Inventory], list[str]]:
    found, absent = {}, []
    for protocol in chosen:
        corpus = corpora.load(protocol.corpora[0])
        if (data / corpus.name).is_dir():
            copy = inventory.take(corpus, data / corpus.name, jobs=request.jobs, progress=progress)
            inventory.require(copy, allow_missing=request.allow_missing)
            found[corpus.name] = copy
        else:
            absent.append(corpus.name)
    if not found:
        raise DataError(
            f"{data}: holds none of the corpora. It must have one folder a corpus: {', '.join(absent)}. "
            "Check --data."
        )
    if absent and not request.allow_missing:
        raise DataError(
            f"{absent[0]}: there is no folder {data / absent[0]}. See `python -m benchmark corpora fetch`, "
            "leave it out with --corpus, or give --allow-missing."
        )
    return found, absent


def _facts(corpus: Corpus, found: Inventory) -> CorpusFacts:
    miniature = found.kind == "synthetic" and found.expected < len(corpus.manifest)
    return CorpusFacts(
        name=corpus.name,
        kind=found.kind,
        digest=found.digest,
        clips=len(found.files),
        missing=[clip.clip for clip in found.missing],
        selection="miniature" if miniature else "full",
    )


def _device(wanted: str) -> str:
    if wanted == "cpu":
        return "cpu"
    if not re.fullmatch(r"auto|mps|cuda(:\d+)?", wanted):
        raise UnheardError(
            f"--device {wanted}: there is no such device. Name auto, cpu, cuda, cuda:N or mps."
        )
    import torch

    if wanted == "mps" and torch.backends.mps.is_available():
        return wanted
    if wanted != "mps" and torch.cuda.is_available():
        return "cuda" if wanted == "auto" else wanted
    if wanted != "auto":
        raise UnheardError(f"--device {wanted}: PyTorch sees no GPU here. Use --device cpu, or auto.")
    return "cpu"
