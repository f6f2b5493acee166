"""Cells: one model under one protocol. Records that differ only in their seed make one, scored anew."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Literal, NamedTuple

import numpy as np

from benchmark.ranking.conditions import Conditions, conditions
from benchmark.ranking.reasons import Note, Unranked
from benchmark.records import search_facts
from benchmark.records.robustness import Robustness, RobustnessOf, unmeasured
from benchmark.records.schema import Cost, ModelFacts, Record, Speed
from benchmark.records.states import StateOf, unchecked
from benchmark.scores import bootstrap, metrics, shares
from benchmark.scores.variance import Variance
from protocols.errors import RecordError

Track = Literal["from scratch", "pretrained", "enrolment"]
TRACKS: tuple[Track, ...] = ("from scratch", "pretrained")  # those that rank


class Maker(NamedTuple):
    """Records with the same maker and conditions are seeds of one model."""

    name: str
    version: str
    source: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One model under one protocol, the mean over its seeds. Scores are in [0, 1]."""

    model: str
    version: str
    source: str  # the digest of its code
    track: Track
    seed_uars: dict[int, float]
    uar: float
    accuracy: float
    macro_f1: float
    fold_mean: float  # UAR
    fold_std: float
    parameters: int | None  # the most of any fold
    cost: Cost | None  # of the seed that costs most; None where it has not been measured
    speed: Speed | None  # the fastest that a seed's record has: a busy machine only slows
    work: float  # seconds that the first seed's search and last fits took, summed over processes
    matrix: tuple[tuple[float, ...], ...]  # clips by true and predicted class
    recalls: tuple[float, ...]  # nan for a class without clips
    speaker_uars: dict[str, float]
    speaker_accuracies: dict[str, float]
    speaker_shares: dict[str, float]  # what each adds to the UAR; they sum to it
    training_noise: Variance | None  # that speakers of a fold share; None: not known from one seed
    interval: tuple[float, float] | None  # of the UAR
    accuracy_interval: tuple[float, float] | None
    notes: tuple[Note, ...]
    full: bool  # all seeds are there
    optimism: float | None  # inner UAR minus test UAR; None where the inner one is not known
    searched: bool | None  # whether other seeds than 0 searched too; None without them or without a search
    unranked: tuple[Unranked, ...] = ()  # why it does not rank; () where it does
    place: tuple[int, int] | None = None
    p: float | None = None  # against the best of its track, by Holm; None for the best
    robustness: Robustness | None = None  # of seed 0, or of the first that has one

    @property
    def maker(self) -> Maker:
        return Maker(self.model, self.version, self.source)


@dataclass(frozen=True)
class Cell:
    """Records of one model under one set of conditions, one a seed."""

    maker: Maker
    conditions: Conditions
    records: list[Record]  # by seed
    matrices: np.ndarray = field(compare=False)  # (seeds, speakers, classes, classes)
    robustness: Robustness | None = None

    @property
    def mean(self) -> np.ndarray:
        return np.asarray(self.matrices.mean(axis=0))


def gather(
    records: Iterable[Record], state_of: StateOf = unchecked, robustness_of: RobustnessOf = unmeasured
) -> list[Cell]:
    """The cells that records make; RecordError where a record's matrices are not counts."""
    found: dict[tuple[Maker, Conditions], dict[int, tuple[Record, np.ndarray]]] = defaultdict(dict)
    for record in sorted(records, key=lambda r: r.seed):
        speakers, matrices = _matrices(record)
        own = conditions(record, speakers, matrices, state=state_of(record))
        found[maker(record), own].setdefault(record.seed, (record, matrices))  # of two folders, the first's
    return [
        Cell(
            made,
            conditions,
            [r for r, _ in seeds.values()],
            np.stack([m for _, m in seeds.values()]),
            next(filter(None, (robustness_of(r) for r, _ in seeds.values())), None),
        )
        for (made, conditions), seeds in found.items()
    ]


def maker(record: Record) -> Maker:
    """What made a record."""
    return Maker(record.model.name, record.model.version, record.model.source)


def _matrices(record: Record) -> tuple[list[str], np.ndarray]:
    """Speakers that have test clips, and their matrices: (speakers, classes, classes)."""
    classes, names = len(record.labels), sorted(record.speakers)
    try:
        matrices = np.array([record.speakers[name] for name in names], dtype=float)
    except (ValueError, OverflowError):
        matrices = np.zeros(0)  # ragged, or beyond any count
    if matrices.shape != (len(names), classes, classes) or (matrices < 0).any() or not matrices.any():
        raise RecordError(
            f"{record.board}/{record.protocol.name}/{record.model.name}, seed {record.seed}: `speakers` must "
            f"hold a {classes} x {classes} matrix of counts for each test speaker. Run verify."
        )
    tested = matrices.sum(axis=(1, 2)) > 0
    return [name for name, there in zip(names, tested, strict=True) if there], matrices[tested]


def score(cell: Cell) -> Entry:
    """Every score of a cell, from its matrices."""
    pooled = cell.matrices.sum(axis=1)  # (seeds, classes, classes)
    seed_uars = np.atleast_1d(metrics.uar(pooled))
    folds = _fold_uars(cell)
    speakers = [speaker for speaker, _ in cell.conditions.clips]
    counts = [fold.parameters for record in cell.records for fold in record.folds]
    mean, of_seeds = pooled.mean(axis=0), shares.speaker_shares(cell.matrices)
    one_class = metrics.as_one_class(cell.mean)
    inner = [uar for record in cell.records if (uar := search_facts.inner_uar(record)) is not None]
    others = [record for record in cell.records if record.seed]
    return Entry(
        model=cell.maker.name,
        version=cell.maker.version,
        source=cell.maker.source,
        track=track(cell.records[0].model),
        seed_uars={r.seed: float(u) for r, u in zip(cell.records, seed_uars, strict=True)},
        uar=float(seed_uars.mean()),
        accuracy=float(np.mean([metrics.accuracy(m) for m in pooled])),
        macro_f1=float(np.mean([metrics.macro_f1(m) for m in pooled])),
        fold_mean=float(folds.mean()),
        fold_std=float(folds.std()),
        parameters=max((n for n in counts if n is not None), default=None),
        cost=max((r.cost for r in cell.records if r.cost), key=size, default=None),
        speed=min(
            (r.run.speed for r in cell.records if r.run.speed), key=attrgetter("latency"), default=None
        ),
        work=cell.records[0].run.seconds,
        matrix=tuple(map(tuple, mean.tolist())),
        recalls=tuple(metrics.recalls(mean).tolist()),
        speaker_uars=dict(zip(speakers, metrics.speaker_uars(cell.mean).tolist(), strict=True)),
        speaker_accuracies=dict(zip(speakers, metrics.speaker_uars(one_class).tolist(), strict=True)),
        speaker_shares=dict(zip(speakers, of_seeds.mean(axis=0).tolist(), strict=True)),
        training_noise=shares.training_noise(of_seeds, np.array(cell.conditions.tested_by)),
        interval=bootstrap.interval(cell.mean),
        accuracy_interval=bootstrap.interval(one_class),
        notes=_notes(cell),
        full=enough_seeds(cell),
        optimism=float(np.mean(inner) - seed_uars.mean()) if inner else None,
        searched=any(map(search_facts.searched, others)) if others and _chooses(cell) else None,
        robustness=cell.robustness,
    )


def _chooses(cell: Cell) -> bool:
    """Whether there was anything to search, and a search of it."""
    return any(record.space and search_facts.searched(record) for record in cell.records)


def size(cost: Cost) -> tuple[int, int]:
    """What orders costs: MACs, then bytes."""
    return cost.size


def track(model: ModelFacts) -> Track:
    """Where a model stands; what knows more of the test speaker than one clip ranks nowhere."""
    if model.transductive or model.enrolment:
        return "enrolment"
    return "pretrained" if model.pretraining else "from scratch"


def _fold_uars(cell: Cell) -> np.ndarray:
    """UAR of each fold that was run, mean over seeds: (folds,). A fold without clips has none.

    Not a number where a speaker is tested in several folds: a speaker's matrix does not keep folds apart.
    """
    tested = [speaker for fold in cell.records[0].folds for speaker in fold.test]
    if len(set(tested)) < len(tested):
        return np.array([np.nan])
    index = {speaker: i for i, (speaker, _) in enumerate(cell.conditions.clips)}
    rows = [[index[s] for s in fold.test if s in index] for fold in cell.records[0].folds]
    uars = [np.mean(metrics.uar(cell.matrices[:, row].sum(axis=1))) for row in rows if row]
    return np.array(uars or [np.nan])


def _notes(cell: Cell) -> tuple[Note, ...]:
    c, seeds = cell.conditions, len(cell.records)
    notes = {
        Note("seeds", seeds, cell.records[0].budget.seeds): not enough_seeds(cell),
        Note("folds", c.folds): c.folds is not None,
        Note("numerics", c.numerics): c.numerics != "fp32",
        Note("miniature"): c.selection == "miniature",
        Note("missing", c.missing): bool(c.missing),
    }
    return tuple(note for note, holds in notes.items() if holds)


def enough_seeds(cell: Cell) -> bool:
    """Whether the model has all seeds that it needs."""
    return len(cell.records) >= cell.records[0].budget.seeds
