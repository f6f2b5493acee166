"""What a model's page shows of one protocol beyond the scores: sexes, calibration, learning curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.ranking.cells import Cell, Entry
from benchmark.ranking.leaderboard import Table
from benchmark.records.answers import Answers, join
from benchmark.records.prediction_table import Predictions, PredictionsOf
from benchmark.records.schema import Record
from benchmark.scores.calibration import Reliability, reliability
from benchmark.website.figures import curves, plot
from benchmark.website.pages.by_sex import BySex, by_sex
from protocols.corpora import ManifestRow
from protocols.errors import RecordError
from protocols.population import Population


@dataclass(frozen=True, kw_only=True)
class Details:
    """One protocol on a model's page."""

    table: Table
    entry: Entry
    by_sex: BySex | None = None  # None where a corpus is not installed
    calibration: Reliability | None = None  # None where predictions are not at hand
    columns: tuple[plot.Column, ...] = ()  # of its picture
    lines: tuple[plot.Line, ...] = ()
    epochs: tuple[int, int] | None = None  # fewest and most of any fold's last fit


def details(
    table: Table,
    entry: Entry,
    cells: Sequence[Cell],
    population: Population | None,
    predictions_of: PredictionsOf,
) -> Details:
    """All of it; the scores alone where no cell is the entry's."""
    cell = next((cell for cell in cells if _is(cell, table, entry)), None)
    if not cell:
        return Details(table=table, entry=entry)
    found = _calibration(cell.records, population, predictions_of)
    searched = [fold for record in cell.records if record.seed == 0 for fold in record.folds]
    epochs = [fold.epochs for fold in searched if fold.epochs is not None]
    speakers = [speaker for speaker, _ in cell.conditions.clips]
    return Details(
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
    known = population.by_clip if population else {}
    of_seeds = [_answers(predictions_of(record), known, record.labels) for record in records]
    whole = [answers for answers in of_seeds if answers]
    if not whole or len(whole) < len(records):
        return None
    return reliability(
        np.concatenate([answers.probabilities for answers in whole]),
        np.concatenate([answers.truth for answers in whole]),
    )


def _answers(
    predictions: Predictions | None, known: Mapping[str, ManifestRow], labels: Sequence[str]
) -> Answers | None:
    """None where there are no predictions, or they do not fit the clips."""
    if predictions is None or not predictions.clips:
        return None
    try:
        answers = join(predictions, known, labels)
    except RecordError:
        return None
    bounded = (answers.probabilities >= 0) & (answers.probabilities <= 1)
    return answers if bounded.all() else None
