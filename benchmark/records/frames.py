"""The records of a results folder as pandas frames, for notebooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from benchmark.records import folder, prediction_table, record_files, search_facts
from benchmark.records.schema import Record
from benchmark.scores import metrics
from protocols import folds
from protocols.corpora import ManifestRow
from protocols.errors import RecordError, UnheardError

if TYPE_CHECKING:
    import pandas as pd


class Frames(NamedTuple):
    """Two tables.

    `records`, one row a record: board, protocol, corpora (several as "a+b"), model, version, seed, trials,
    epochs (None: as the recipe says), folds (None: all), ranks (whether the protocol does: False where it
    leaks by design); uar, accuracy, macro_f1 in [0, 1], computed anew from the confusion matrices; inner_uar,
    of the winners on the inner folds (None: not known); macs (of one clip of 3 s, with the front end),
    parameters, weights (bytes), training_macs, latency (ms), device, finished (UTC), path.

    `predictions`, one row a test clip of a record: board, protocol, corpora, model, version, seed, fold,
    clip, speaker and label (the acted intent; None where the corpus is not installed), predicted, and a
    column `p_<label>` with the probability of each label (NaN for those that the protocol does not have).
    """

    records: pd.DataFrame
    predictions: pd.DataFrame


def read(results: Path) -> Frames:
    """Both tables of all records below a results folder.

    ImportError without pandas; UnheardError where there is no such folder, RecordError where a record or its
    predictions cannot be read.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("pandas is not installed: pip install 'unheard[pandas]'") from error
    found = [(record, record_files.place_of(results, record)) for record in folder.read(results)]
    tables = [pd.DataFrame(_predictions(*each)) for each in found]
    labels = dict.fromkeys(f"p_{label}" for record, _ in found for label in record.labels)
    together = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()
    facts = [name for name in together.columns if name not in labels]
    return Frames(
        records=pd.DataFrame([_facts(*each) for each in found]), predictions=together[[*facts, *labels]]
    )


def _which(record: Record) -> dict[str, Any]:
    """What both tables say of a record first."""
    return {
        "board": record.board_name,
        "protocol": record.protocol.name,
        "corpora": "+".join(copy.name for copy in record.corpora),
        "model": record.model.name,
        "version": record.model.version,
        "seed": record.seed,
    }


def _facts(record: Record, path: Path) -> dict[str, Any]:
    matrix = np.sum(list(record.speakers.values()), axis=0)  # (classes, classes)
    cost, fast = record.cost, record.run.speed
    parameters = [fold.parameters for fold in record.folds if fold.parameters is not None]
    return {
        **_which(record),
        "trials": record.budget.trials,
        "epochs": record.budget.epochs,
        "folds": record.budget.folds,
        "ranks": record.protocol.ranks and not record.protocol.leaks,
        "uar": metrics.uar(matrix),
        "accuracy": metrics.accuracy(matrix),
        "macro_f1": metrics.macro_f1(matrix),
        "inner_uar": search_facts.inner_uar(record),
        "macs": cost.official.total if cost else None,
        "parameters": max(parameters, default=cost.parameters if cost else None),
        "weights": cost.weights if cost else None,
        "training_macs": cost.training if cost else None,
        "latency": fast.latency if fast else None,
        "device": record.environment.device,
        "finished": record.run.finished,
        "path": str(path),
    }


def _predictions(record: Record, path: Path) -> dict[str, Sequence[Any] | np.ndarray]:
    place = record_files.predictions_place(path)
    table, digest = prediction_table.read(place, record.labels)
    if digest != record.predictions:
        raise RecordError(f"{place}: not the predictions that its record vouches for. See `verify`.")
    rows, chosen = _clips(record.protocol.name), metrics.predicted(table.probabilities)
    of_record = {name: [value] * len(table.clips) for name, value in _which(record).items()}
    return {
        **of_record,
        "fold": table.folds,
        "clip": table.clips,
        "speaker": [rows[clip].speaker if clip in rows else None for clip in table.clips],
        "label": [rows[clip].emotion if clip in rows else None for clip in table.clips],
        "predicted": [record.labels[number] for number in chosen],
        **{f"p_{label}": table.probabilities[:, i] for i, label in enumerate(record.labels)},
    }


@cache
def _clips(protocol: str) -> Mapping[str, ManifestRow]:
    """The clips of an installed protocol's corpora by name; none of one that is not installed."""
    try:
        return folds.population(folds.load(protocol)).by_clip
    except UnheardError:
        return {}
