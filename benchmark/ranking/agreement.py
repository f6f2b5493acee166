"""Where two models agree: their answers to every test clip, the probabilities averaged over seeds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from benchmark.ranking import cells
from benchmark.ranking.cells import Entry, Maker
from benchmark.ranking.leaderboard import Table
from benchmark.records.answers import Answers, join
from benchmark.records.prediction_table import Predictions, PredictionsOf
from benchmark.records.schema import Record
from benchmark.scores import metrics, permutation
from protocols.corpora import ManifestRow
from protocols.errors import RecordError
from protocols.population import Population

MOST = 40  # clips that are listed of one protocol
KEPT = 256  # answers that are kept in memory: all of a small board's, a neighbourhood of a large one's

Agree = Callable[[Table, Entry, Entry], "Agreement | None"]


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """A clip that two models answer differently."""

    clip: str
    speaker: str
    emotion: str  # the acted intent
    answers: tuple[str, str]
    confidence: tuple[float, float]  # the probability that each gives to its answer, in [0, 1]


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """A protocol's test clips by which of two models is right; the first four sum to all of them."""

    both: int
    first: int  # only the first
    second: int
    neither: int
    differ: int  # clips that they answer differently, both of them wrong or one
    most: tuple[Disagreement, ...]  # of those, at most MOST, the surest first

    @property
    def clips(self) -> int:
        return self.both + self.first + self.second + self.neither


def mean(
    of_seeds: Sequence[Predictions | None], known: Mapping[str, ManifestRow], labels: Sequence[str]
) -> Answers | None:
    """A model's answers, its probabilities averaged over its seeds, in the order of the rows in `known`.

    None where a seed's predictions are not at hand, are of other clips than another's, or do not fit them.
    """
    place = {clip: number for number, clip in enumerate(known)}
    whole = []
    for predictions in of_seeds:
        try:
            answers = join(predictions, known, labels) if predictions else None
        except RecordError:
            answers = None
        if not answers or not answers.rows:
            return None
        whole.append(_ordered(answers, place))
    if not whole or any(answers.rows != whole[0].rows for answers in whole):
        return None
    return replace(whole[0], probabilities=np.mean([answers.probabilities for answers in whole], axis=0))


def _scores(record: Record, uars: Mapping[int, float]) -> bool:
    """Whether its UAR is that of its seed: a model may have other records, under other conditions."""
    own = metrics.uar(np.sum(list(record.speakers.values()), axis=0))
    return record.seed in uars and abs(own - uars[record.seed]) < permutation.SAME


def _ordered(answers: Answers, place: Mapping[str, int]) -> Answers:
    order = np.argsort([place[row.clip] for row in answers.rows])
    return Answers(
        rows=tuple(answers.rows[i] for i in order),
        labels=answers.labels,
        truth=answers.truth[order],
        folds=answers.folds[order],
        probabilities=answers.probabilities[order],
    )


def between(first: Answers, second: Answers) -> Agreement:
    """How often two models are right on the same clips, and where they differ most.

    The surest of their different answers are those with the largest product of the two probabilities.
    """
    right, other = first.predicted == first.truth, second.predicted == second.truth
    differing = np.flatnonzero(first.predicted != second.predicted)
    together = (first.confidence * second.confidence)[differing]
    surest = differing[np.argsort(-together.round(10), kind="stable")[:MOST]]
    return Agreement(
        both=int(np.sum(right & other)),
        first=int(np.sum(right & ~other)),
        second=int(np.sum(~right & other)),
        neither=int(np.sum(~right & ~other)),
        differ=len(differing),
        most=tuple(_disagreement(first, second, i) for i in surest),
    )


def _disagreement(first: Answers, second: Answers, i: int) -> Disagreement:
    row, labels = first.rows[i], first.labels
    return Disagreement(
        clip=row.clip,
        speaker=row.speaker,
        emotion=row.emotion,
        answers=(labels[first.predicted[i]], labels[second.predicted[i]]),
        confidence=(float(first.confidence[i]), float(second.confidence[i])),
    )


def at_hand(
    records: Iterable[Record], populations: Mapping[str, Population | None], predictions_of: PredictionsOf
) -> Agree:
    """A function that finds how two entries of a table agree; None where it cannot.

    It cannot where a protocol's clips are not known or predictions are not at hand. `records` are of one
    board, `populations` by protocol.
    """
    found: dict[tuple[str, Maker], list[Record]] = defaultdict(list)
    for record in records:
        found[record.protocol.name, cells.maker(record)].append(record)

    @lru_cache(maxsize=KEPT)
    def of(
        protocol: str, maker: Maker, uars: tuple[tuple[int, float], ...], labels: tuple[str, ...]
    ) -> Answers | None:
        own = [record for record in found[protocol, maker] if _scores(record, dict(uars))]
        of_seeds = [predictions_of(record) for record in own]
        population = populations.get(protocol)
        return mean(of_seeds, population.by_clip, labels) if population else None

    def agree(table: Table, first: Entry, second: Entry) -> Agreement | None:
        a, b = (
            of(table.protocol, entry.maker, tuple(entry.seed_uars.items()), table.labels)
            for entry in (first, second)
        )
        return between(a, b) if a and b and a.rows == b.rows else None

    return agree
