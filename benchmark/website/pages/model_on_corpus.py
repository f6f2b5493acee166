"""What a model's page shows of one protocol beyond the scores: sexes, calibration, learning curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.ranking.cells import Cell, Entry
from benchmark.ranking.leaderboard import Table
from benchmark.records import scoring
from benchmark.records.prediction_table import Predictions, PredictionsOf
from benchmark.records.schema import Record
from benchmark.scores.calibration import Reliability, reliability
from benchmark.website.figures import curves, plot
from benchmark.website.pages.by_sex import BySex, by_sex
from protocols.population import Population


@dataclass(frozen=True, kw_only=True)
class OnCorpus:
    """One protocol on a model's page."""

    table: Table
    entry: Entry
    by_sex: BySex | None = None  # None where the corpus is not installed
    calibration: Reliability | None = None  # None where predictions are not at hand
    columns: tuple[plot.Column, ...] = ()  # of its picture
    lines: tuple[plot.Line, ...] = ()
    epochs: tuple[int, int] | None = None  # fewest and most of any fold's last fit


def on_corpus(
    table: Table,
    entry: Entry,
    cells: Sequence[Cell],
    population: Population | None,
    predictions_of: PredictionsOf,
) -> OnCorpus:
    """All of it; the scores alone where no cell is the entry's."""
    cell = next((cell for cell in cells if _is(cell, table, entry)), None)
    if not cell:
        return OnCorpus(table=table, entry=entry)
    found = _calibration(cell.records, population, predictions_of)
    searched = [fold for record in cell.records if record.seed == 0 for fold in record.folds]
    epochs = [fold.epochs for fold in searched if fold.epochs is not None]
    speakers = [speaker for speaker, _ in cell.conditions.clips]
    return OnCorpus(
        table=table,
        entry=entry,
        by_sex=by_sex(cell.mean, speakers, population.speakers) if population else None,
        calibration=found,
        columns=plot.columns(found) if found else (),
        lines=tuple(map(plot.line, curves.learned(searched))),
        epochs=(min(epochs), max(epochs)) if epochs else None,
    )


def _is(cell: Cell, table: Table, entry: Entry) -> bool:
    """Whether the entry was scored from this cell: the same conditions, and the same matrix."""
    same = cell.conditions == table.conditions and len(cell.records) == len(entry.seed_uars)
    return same and np.array_equal(cell.matrices.sum(axis=1).mean(axis=0), entry.matrix)


def _calibration(
    records: Sequence[Record], population: Population | None, predictions_of: PredictionsOf
) -> Reliability | None:
    """Over all seeds together; None unless the predictions of each are at hand and make sense."""
    pairs = [
        _truth(predictions, record, population)
        for record in records
        if (predictions := predictions_of(record))
    ]
    whole = [pair for pair in pairs if pair]
    if not population or len(whole) < len(records):
        return None
    return reliability(np.concatenate([p for p, _ in whole]), np.concatenate([truth for _, truth in whole]))


def _truth(
    predictions: Predictions, record: Record, population: Population | None
) -> tuple[np.ndarray, np.ndarray] | None:
    """Probabilities (n, classes) and true classes (n,); None where they do not fit the clips."""
    probabilities = predictions.probabilities
    clips = population.by_clip if population else {}
    found = [clips[name] for name in predictions.clips if name in clips]
    known = len(found) == len(probabilities) > 0 and {clip.emotion for clip in found} <= set(record.labels)
    if not known or not ((probabilities >= 0) & (probabilities <= 1)).all():
        return None
    return probabilities, scoring.indices(found, record.labels)
