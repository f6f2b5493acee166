"""How much work a job is, and how much of it is there: its fits, and how many rows they learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from benchmark.execution import fit_store
from benchmark.execution.jobs import Job
from benchmark.training import pruning
from benchmark.training.study import ROUND
from protocols import folds
from protocols.folds import Protocol


@dataclass(frozen=True)
class Workload:
    """Of one fold."""

    fits: int  # of its search, and the last one
    learning: float  # rows that an epoch learns from, times epochs; 1 epoch where the model decides
    trials: int = 0  # of its search


def of(job: Job, fold: int) -> Workload:
    """Of one outer fold of a job; trials that are cut short are counted by what is usual."""
    inner, development = _clips(job.protocol, fold)
    most = job.plugin.backend.most_epochs(job.plugin.model, job.plugin.model.defaults)
    rows = job.plugin.rows(job.plugin.model.defaults, job.protocol)
    epochs = min(most or 1, job.budget.epochs or most or 1)
    searches = job.protocol.search and (job.seed == 0 or most is None)
    trials = (job.budget.trials if job.plugin.settings["space"] else 1) if searches else 0
    tried = trials * (pruning.work(len(inner)) if most and trials else 1.0)
    return Workload(1 + trials * len(inner), rows * epochs * (tried * sum(inner) + development), trials)


def macs(job: Job) -> float:
    """That order jobs by their work: of all that its fits learn. A model without a network is cheap."""
    per_clip = 1.0
    if job.plugin.backend.is_network:
        from benchmark.cost import measure  # which imports torch

        counts = measure.of_network(job.plugin).official.model
        per_clip = float(sum(counts.values())) if counts else float("inf")
    return per_clip * sum(of(job, fold).learning for fold in job.folds)


@dataclass(frozen=True)
class Done:
    """How far some jobs are."""

    fits: int  # that have ended
    epochs: tuple[int, ...]  # that fits under way have trained for
    trials: int = 0  # of rounds that have ended


def look(todo: Sequence[Job]) -> Done:
    """How far these jobs are by the files of their fits, wherever these are done.

    A family's files may also be those of a record that is there: no more count than these jobs ask for.
    """
    fits, epochs, trials = 0, list[int](), 0
    for together in families(todo):
        going = fit_store.under_way(together[0].fits)
        asked = [of(job, fold) for job in together for fold in job.folds]
        fits += min(max(0, there(together) - len(going)), sum(each.fits for each in asked))
        epochs += going
        trials += min(_trials(together[0]), sum(each.trials for each in asked))
    return Done(fits, tuple(epochs), trials)


def families(todo: Sequence[Job]) -> list[list[Job]]:
    """Jobs that share their fits: those of other seeds and budgets."""
    found: dict[Path, list[Job]] = {}
    for job in todo:
        found.setdefault(job.fits, []).append(job)
    return list(found.values())


def there(together: Sequence[Job]) -> int:
    """Fits of one family that have begun or ended: of rounds that have ended, of open ones, and last fits."""
    job = together[0]
    inner = len(job.protocol.folds[0].validation)
    rounds = _trials(job) * inner
    last = sum(
        each.record.is_file() or (each.work / f"fold-{fold:02d}.json").is_file() or each.part(fold).is_file()
        for each in together
        for fold in each.folds
    )
    return rounds + sum(1 for _ in job.fits.glob("*/*.fit")) + last


def _trials(job: Job) -> int:
    """Trials of the rounds of its family that have ended."""
    return sum(1 for _ in job.fits.glob("*.round")) * min(ROUND, job.budget.trials)


@cache
def _clips(protocol: Protocol, fold: int) -> tuple[list[int], int]:
    """How many clips each inner fold trains on, and how many the last fit; of a complete corpus."""
    split = folds.split(protocol, protocol.folds[fold], folds.population(protocol).rows)
    return [len(train) for train, _ in split.inner], len(split.development)
