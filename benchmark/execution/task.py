"""One fold to do, as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.features.feature_store import Home
from benchmark.records.schema import Budget, FoldFacts
from benchmark.storage import places

Homes = tuple[tuple[Home, ...], ...]  # for each corpus: where its features lie, then their copies


@dataclass(frozen=True)
class Teacher:
    """Whom a model learns from: its reference, and what its own search found in this fold."""

    model: str
    winner: FoldFacts


@dataclass(frozen=True, kw_only=True)
class Task:
    """One fold to do. Plain data: a worker looks up model, protocol and features by itself."""

    model: str  # a plugin's reference
    protocol: str  # its name, or the path of its file
    fold: int
    seed: int
    budget: Budget
    device: str
    numerics: str  # its teacher's too
    features: Homes  # by name, as they lie in the cache of whoever looks; or by path, elsewhere
    work: Path  # folder of this job's unfinished work
    fits: Path  # folder of the inner fits, which other budgets' jobs share
    key: str  # the digest of the whole record's key, which decides the order of the test clips
    winner: FoldFacts | None = None  # seed 0's facts of this fold; None: search
    teacher: Teacher | None = None
    keep: bool = False  # whether the last fit's weights are wanted

    @property
    def placed(self) -> Homes:
        """Where its features lie here."""
        here = places.features()
        return tuple(tuple(tuple(here / name for name in home) for home in homes) for homes in self.features)

    @property
    def homes(self) -> list[Home]:
        """All that the features of all corpora lie in, here."""
        return [home for homes in self.placed for home in homes]

    @property
    def result(self) -> Path:
        """Where the finished fold lies."""
        return self.work / f"fold-{self.fold:02d}.json"
