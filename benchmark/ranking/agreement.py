"""Where two models agree: what each says of every test clip, its probabilities averaged over its seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from benchmark.ranking.cells import Entry
from benchmark.ranking.leaderboard import Table
from benchmark.records.prediction_table import Predictions, PredictionsOf
from benchmark.records.schema import Record
from benchmark.scores import metrics
from protocols.corpora import ManifestRow
from protocols.population import Population

MOST = 40  # clips that are told of one corpus
KEPT = 256  # answers that are kept in memory: all of a small board's, a neighbourhood of a large one's

Agree = Callable[[Table, Entry, Entry], "Agreement | None"]


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A clip of which two models say different things."""

    clip: str
    speaker: str
    emotion: str  # the acted intent
    said: tuple[str, str]
    sure: tuple[float, float]  # the probability that each gives to what it says


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The test clips of a corpus by which of two models is right; the first four sum to all of them."""

    both: int
    first: int  # only the first
    second: int
    neither: int
    differ: int  # clips of which they say different things, both of them wrong or one
    most: tuple[Disagreement, ...]  # of those, at most MOST, the surest first

    @property
    def clips(self) -> int:
        return self.both + self.first + self.second + self.neither


@dataclass(frozen=True)
class Truth:
    """What was acted in each clip of a manifest."""

    clips: Sequence[ManifestRow]
    labels: Sequence[str]
    places: Mapping[str, int]  # of clips in the manifest
    classes: np.ndarray  # (clips,), -1 for an emotion that is none of the labels


@dataclass(frozen=True)
class Answers:
    """What a model says of a corpus's test clips, the mean over its seeds."""

    rows: np.ndarray  # (n,) places in the manifest, ascending
    said: np.ndarray  # (n,) classes
    sure: np.ndarray  # (n,) their probabilities
    right: np.ndarray  # (n,) bool


def truth(clips: Sequence[ManifestRow], labels: Sequence[str]) -> Truth:
    """The manifest's clips, by name and by class."""
    index = {label: number for number, label in enumerate(labels)}
    places = {clip.clip: row for row, clip in enumerate(clips)}
    return Truth(clips, labels, places, np.array([index.get(clip.emotion, -1) for clip in clips]))


def answers(of_seeds: Sequence[Predictions | None], known: Truth) -> Answers | None:
    """What is most probable by the mean over a model's seeds, the lowest index on ties.

    None where a seed's predictions are not at hand, tell of other clips than another's, or of a clip twice
    or that is not known.
    """
    by_seed = [_ordered(said, known) if said else None for said in of_seeds]
    whole = [said for said in by_seed if said]
    if not whole or len(whole) < len(by_seed):
        return None
    rows = whole[0][0]
    if any(not np.array_equal(others, rows) for others, _ in whole):
        return None
    mean = np.mean([probabilities for _, probabilities in whole], axis=0)
    said = metrics.predicted(mean)
    return Answers(rows, said, mean.max(axis=1), said == known.classes[rows])


def _ordered(said: Predictions, known: Truth) -> tuple[np.ndarray, np.ndarray] | None:
    """Rows and probabilities in the manifest's order."""
    rows = np.array([known.places.get(clip, -1) for clip in said.clips], dtype=np.int64)
    order = np.argsort(rows)
    rows = rows[order]
    if (
        not len(rows)
        or rows[0] < 0
        or (np.diff(rows) == 0).any()
        or not np.isfinite(said.probabilities).all()
    ):
        return None
    return rows, said.probabilities[order]


def between(first: Answers, second: Answers, known: Truth) -> Agreement:
    """How often two models are right on the same clips, and where they differ most.

    The surest of their different answers are those with the largest product of the two probabilities.
    """
    differing = np.flatnonzero(first.said != second.said)
    together = (first.sure * second.sure)[differing]
    surest = differing[np.argsort(-together.round(10), kind="stable")[:MOST]]
    return Agreement(
        both=int(np.sum(first.right & second.right)),
        first=int(np.sum(first.right & ~second.right)),
        second=int(np.sum(~first.right & second.right)),
        neither=int(np.sum(~first.right & ~second.right)),
        differ=len(differing),
        most=tuple(_disagreement(first, second, known, i) for i in surest),
    )


def _disagreement(first: Answers, second: Answers, known: Truth, i: int) -> Disagreement:
    clip = known.clips[first.rows[i]]
    return Disagreement(
        clip=clip.clip,
        speaker=clip.speaker,
        emotion=clip.emotion,
        said=(known.labels[first.said[i]], known.labels[second.said[i]]),
        sure=(float(first.sure[i]), float(second.sure[i])),
    )


def at_hand(
    records: Iterable[Record], populations: Mapping[str, Population | None], predictions_of: PredictionsOf
) -> Agree:
    """A function that finds how two entries of a table agree; None where it cannot.

    It cannot where a protocol's clips are not known or predictions are not at hand. `records` are of one
    board, `populations` by protocol.
    """
    found: dict[tuple[str, str], list[Record]] = defaultdict(list)
    for record in records:
        found[record.protocol.name, record.model.name].append(record)

    @lru_cache
    def acted(protocol: str, labels: tuple[str, ...]) -> Truth | None:
        population = populations.get(protocol)
        return truth(population.rows, labels) if population else None

    @lru_cache(maxsize=KEPT)
    def of(protocol: str, model: str, seeds: frozenset[int], labels: tuple[str, ...]) -> Answers | None:
        of_seeds = [predictions_of(record) for record in found[protocol, model] if record.seed in seeds]
        known = acted(protocol, labels)
        return answers(of_seeds, known) if known else None

    def agree(table: Table, first: Entry, second: Entry) -> Agreement | None:
        known = acted(table.protocol, table.labels)
        a, b = (of(table.protocol, e.model, frozenset(e.seed_uars), table.labels) for e in (first, second))
        if known is None or a is None or b is None or not np.array_equal(a.rows, b.rows):
            return None
        return between(a, b, known)

    return agree
