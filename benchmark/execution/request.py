"""What a run is asked for, and the budgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmark.records.schema import SEEDS, TRIALS, Budget

FULL = Budget(trials=TRIALS, epochs=None, folds=None)
DEMO = Budget(trials=1, epochs=2, folds=[0, 1])


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked for; None = the default."""

    suite: str = "all"
    protocols: Sequence[str] = ()  # names or split files, in place of the suite's
    data: str | None = None  # a folder, or "demo"
    models: Sequence[str] = ()
    corpora: Sequence[str] = ()
    seeds: int | None = None
    trials: int | None = None
    epochs: int | None = None  # at most so many a fit
    minutes: int | None = None  # after which it ends
    folds: Sequence[int] = ()  # outer folds; none named = as many as the budget has
    device: str = "auto"
    numerics: str = "fp32"  # the class of a network's arithmetic
    jobs: int = 1  # worker processes; also files that are read at a time
    results: Path | None = None
    allow_missing: bool = False
    keep_models: bool = False  # of all folds
    per_gpu: int | None = None  # workers, each of which sees one GPU; None: all see all
    cluster: str = ""  # a Dask scheduler's address, or "local:N"; "": this machine alone


def default_results(budget: Budget, seeds: int, *, synthetic: bool) -> Path:
    """`./results` for a full run on real corpora, `./_runs` for everything else."""
    full = not synthetic and budget == FULL and seeds >= SEEDS
    return Path("results" if full else "_runs")
