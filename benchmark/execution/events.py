"""What a run tells its listener, from the request to the outcome."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmark.compute.cluster import Node
from benchmark.corpora.file_index import Progress
from benchmark.execution.estimate import Estimate
from benchmark.execution.jobs import Job
from benchmark.execution.plan import Plan

Stage = Literal[
    "reading the corpora", "computing features", "folds", "measuring costs", "acoustic conditions"
]
DONE, FAILED, PARTIAL = 0, 1, 3  # exit codes


@dataclass(frozen=True)
class Step:
    """A stage begins, goes on or ends; `done` of `total` files, clips, folds or records (0: not known)."""

    stage: Stage
    state: Literal["begins", "goes on", "ends"]
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Planned:
    """What was asked for can be done; nothing is computed yet."""

    plan: Plan


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """What is to be done, and no record of other settings is in the way."""

    plan: Plan
    todo: list[Job]  # whose records are not there
    finals: list[Job]  # whose final models are to be fitted and kept
    keeps: list[Job]  # whose folds' models are to be kept
    robust: list[Job]  # whose folds' models are to be asked under acoustic conditions
    unkeepable: list[str]  # models that offer no state, so that none can be kept
    force: bool  # whether records of other settings may be replaced
    gpus: list[str]  # that workers see one by one, as for `scheduler.run`
    cluster: str  # where folds are done; "": here
    until: float | None = None  # by time.monotonic(), when to end; None: when all is made


@dataclass(frozen=True)
class FeaturesDamaged:
    """Features in the cache are not what was computed, so they are computed again."""

    why: str


@dataclass(frozen=True)
class JobEvent:
    """Something happened to a job; `done` of its folds are finished."""

    kind: Literal["started", "fold", "finished", "failed", "elsewhere", "unstacked"]
    job: Job
    done: int = 0
    detail: str = ""


@dataclass(frozen=True)
class CostFailed:
    """What a record's model costs could not be measured."""

    job: Job
    why: str


@dataclass(frozen=True)
class Final:
    """What became of a final model; `detail` is where it is kept, or why it could not be fitted."""

    job: Job
    state: Literal["kept", "failed", "not fitted"]
    detail: str = ""


@dataclass(frozen=True)
class FoldModels:
    """What became of the models of a record's folds; `detail` is where they are kept, or why they are not."""

    job: Job
    state: Literal["kept", "failed", "not kept"]
    detail: str = ""


@dataclass(frozen=True)
class Robust:
    """What became of a record's robustness; `detail` is the worst condition, or why it is not measured."""

    job: Job
    state: Literal["measured", "failed", "not measured"]
    detail: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a run has made, and what it could not make."""

    results: Path
    records: tuple[Path, ...]  # that are there now, those of earlier runs included
    failed: Mapping[str, str]  # a job's name -> why
    absent: tuple[str, ...]  # corpora without a folder
    partial: Mapping[str, tuple[str, ...]]  # corpora that lack clips -> their paths
    synthetic: bool  # whether the embedded corpora were run
    left: tuple[str, ...] = ()  # jobs for which there was no time
    site: Path | None = None  # the page to open

    @property
    def exit_code(self) -> int:
        """0 complete, 1 a job failed, 3 a corpus or a clip was missing, or time was."""
        if self.failed:
            return FAILED
        return PARTIAL if self.absent or self.partial or self.left else DONE


Event = (
    Step
    | Planned
    | Prepared
    | Estimate
    | FeaturesDamaged
    | JobEvent
    | Node
    | CostFailed
    | Final
    | FoldModels
    | Robust
    | Outcome
)
Listen = Callable[[Event], None]


@contextmanager
def stage(name: Stage, listen: Listen) -> Iterator[Progress]:
    """The events of a stage; gives the function that is called with (done, total)."""
    listen(Step(name, "begins"))
    try:
        yield lambda done, total: listen(Step(name, "goes on", done, total))
    finally:
        listen(Step(name, "ends"))
