"""Where a model does better on unseen texts: its accuracy by the number of emotions that a text is spoken in.

On random clips training has a test clip's text in the same voice, and where others spoke it in other emotions
that speaks against the right one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.records.prediction_table import Predictions, PredictionsOf
from benchmark.records.schema import Record
from benchmark.website.claims import Run
from benchmark.website.rungs import Ladder
from protocols import ladder as protocols_of
from protocols.population import Population


@dataclass(frozen=True, kw_only=True)
class Part:
    """The clips whose texts are spoken in so many emotions: accuracies, means over seeds."""

    emotions: int
    clips: int
    random: float  # on random clips
    unseen: float  # on unseen texts

    @property
    def gain(self) -> float:
        """From random clips to unseen texts."""
        return self.unseen - self.random


def by_text(
    ladder: Ladder, population: Population, records: Sequence[Record], predictions_of: PredictionsOf
) -> dict[str, tuple[Part, ...]]:
    """Of each model that ran on both rungs, its parts; {} where every text is spoken in as many emotions.

    A model is left out where a record's predictions are not at hand.
    """
    emotions = spoken_in(population)
    if len(set(emotions.values())) < 2:
        return {}
    names = [rung.name for rung in ladder.rungs]
    first, second = (names.index(protocols_of.RUNGS[what][ladder.corpus]) for what in ("clips", "texts"))
    found = {}
    for model, runs in ladder.models.items():
        random, unseen = (_tables(runs[place], records, predictions_of) for place in (first, second))
        if random and unseen:
            found[model] = _parts(random, unseen, population, emotions)
    return found


def spoken_in(population: Population) -> dict[str, int]:
    """In how many emotions each text is spoken."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in population.rows:
        found[row.sentence].add(row.emotion)
    return {text: len(emotions) for text, emotions in found.items()}


def _tables(run: Run | None, records: Sequence[Record], predictions_of: PredictionsOf) -> list[Predictions]:
    """The predictions of a run, one a seed; [] where they are not all at hand."""
    if run is None:
        return []
    own = [
        record
        for record in records
        if record.protocol.name == run.table.protocol
        and (record.model.name, record.model.version, record.model.source) == run.entry.maker
    ]
    found = {record.seed: table for record in own if (table := predictions_of(record))}
    whole = len(own) == len(found) and found.keys() == run.entry.seed_uars.keys()
    return list(found.values()) if whole else []


def _parts(
    random: Sequence[Predictions],
    unseen: Sequence[Predictions],
    population: Population,
    emotions: Mapping[str, int],
) -> tuple[Part, ...]:
    before, now = (_accuracies(tables, population, emotions) for tables in (random, unseen))
    clips = [emotions[population.by_clip[clip].sentence] for clip in random[0].clips]
    return tuple(
        Part(emotions=count, clips=clips.count(count), random=before[count], unseen=now[count])
        for count in sorted(before.keys() & now.keys())
    )


def _accuracies(
    tables: Sequence[Predictions], population: Population, emotions: Mapping[str, int]
) -> dict[int, float]:
    """By the number of emotions that a text is spoken in."""
    right: dict[int, list[bool]] = defaultdict(list)
    for table in tables:
        for clip, best in zip(table.clips, table.probabilities.argmax(axis=1), strict=True):
            row = population.by_clip[clip]
            right[emotions[row.sentence]].append(population.labels[best] == row.emotion)
    return {count: float(np.mean(hits)) for count, hits in right.items()}
