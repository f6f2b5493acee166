"""The robustness of honest records, made without a model: under each condition predictions are drawn."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmark.audio import acoustic_conditions
from benchmark.records import prediction_table, record_files, robustness
from benchmark.records.answers import join
from benchmark.records.robustness import CLEAN, Made, Robustness
from benchmark.storage import canonical
from protocols import folds


def write(path: Path, **changes: Any) -> Path:
    """Put robustness that holds beside the record at a path; `changes` are fields of it."""
    record = record_files.read(path)
    clean, _ = prediction_table.read(record_files.predictions_place(path), record.labels)
    names, turns = list(acoustic_conditions.CONDITIONS), np.arange(len(clean.clips))
    under = {}
    for number, name in enumerate(names):  # the more so, the more rows are another class's
        rolled = np.roll(clean.probabilities, 1, axis=1)
        moved = np.where((turns % 10 < number)[:, None], rolled, clean.probabilities)
        under[name] = msgspec.structs.replace(clean, probabilities=moved)
    table = robustness.joined(under)
    known = folds.population(folds.load(record.protocol.name)).by_clip
    each = {CLEAN: clean, **under}
    found = Robustness(
        schema=robustness.SCHEMA,
        key=canonical.digest(record.key),
        clean=record.predictions,
        largest=0.0,
        table=acoustic_conditions.digest(),
        conditions=[acoustic_conditions.described(name) for name in names],
        lacking={},
        scores={name: robustness.scores(join(one, known, record.labels)) for name, one in each.items()},
        predictions=hashlib.sha256(prediction_table.encode(table, record.labels)).hexdigest(),
        environment=record.environment,
        run=Made(finished="2030-01-01T00:00:00Z", seconds=1.0, unheard="0.1.0"),
    )
    place = robustness.place(path)
    robustness.write(place, msgspec.structs.replace(found, **changes), table, record.labels)
    return place
