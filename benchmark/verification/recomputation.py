"""Does a record hold what it says? Recomputes all that follows from its predictions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmark.records import prediction_table, record_files, scoring
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import DECIMALS, Record
from benchmark.storage import bounds
from benchmark.verification import claims, search
from protocols import folds
from protocols.errors import FoldError, RecordError, RegistryError
from protocols.folds import Protocol
from protocols.population import Population


def problems(path: Path) -> list[str]:
    """Everything that is wrong with the record at a path, each in a sentence; [] where it holds."""
    place = record_files.predictions_place(path)
    if strange := bounds.strange_kind(path, place):
        return [strange]
    try:
        record = record_files.read(path)
        if wrong := list(claims.names(record)):
            return wrong  # nothing is looked up by such a name
        protocol = folds.load(record.protocol.name)
        whole = folds.population(protocol)
        predictions, digest = prediction_table.read(place, list(whole.labels))
    except (RecordError, RegistryError, FoldError) as error:
        return [str(error)]
    return [
        *_claimed(record, path, protocol, whole),
        *_followed(record, predictions, digest, protocol, whole),
    ]


def _claimed(record: Record, path: Path, protocol: Protocol, whole: Population) -> Iterator[str]:
    yield from _place(record, path)
    yield from claims.declared(record, protocol, whole)
    yield from claims.numbers(record)
    yield from search.searched(record, protocol)
    yield from search.led(record, path)


def _followed(
    record: Record, predictions: Predictions, digest: str, protocol: Protocol, whole: Population
) -> Iterator[str]:
    if digest != record.predictions:
        yield "the predictions file is not the one that the record was written with"
    wrong = [*_rows(record, predictions, protocol, whole), *_probabilities(predictions)]
    yield from wrong or _scores(record, predictions, whole)  # scores of a wrong table mean nothing


def _place(record: Record, path: Path) -> Iterator[str]:
    place = record_files.place(Path(), record.board, record.protocol.name, record.model.name, record.seed)
    if path.resolve().parts[-4:] != place.parts:
        yield f"its place must end in {place.as_posix()}"


def _rows(record: Record, predictions: Predictions, protocol: Protocol, whole: Population) -> Iterator[str]:
    """One row for each test clip of the folds that were run: none missing, double or strange."""
    wanted = _expected(record, protocol, whole)
    if not wanted:
        yield "it has no test clips at all"
    seen: dict[str, int] = {}
    for clip, fold in zip(predictions.clips, predictions.folds, strict=True):
        if clip in seen:
            yield f"{clip} has two rows"
        elif clip not in wanted:
            yield f"{clip} is no test clip of this record"
        elif wanted[clip] != fold:
            yield f"{clip} is tested in fold {wanted[clip]}, not {fold}"
        seen[clip] = int(fold)
    if lacking := sorted(set(wanted) - set(seen)):
        yield f"{len(lacking)} of {len(wanted)} test clips have no row, first {lacking[0]}"


def _expected(record: Record, protocol: Protocol, whole: Population) -> dict[str, int]:
    """Each test clip's fold."""
    run = claims.folds_run(record, protocol)
    clips = claims.selected(record, whole)
    return {
        clips[row].clip: fold for fold in run for row in np.flatnonzero(protocol.folds[fold].test.of(clips))
    }


def _probabilities(predictions: Predictions) -> Iterator[str]:
    table = predictions.probabilities
    finite = np.isfinite(table).all(axis=1)
    bounded = ((table >= 0) & (table <= 1)).all(axis=1)
    whole = np.abs(table.sum(axis=1) - 1) <= table.shape[1] * 10**-DECIMALS
    rounded = (table == table.round(DECIMALS)).all(axis=1)
    for ok, what in (
        (finite, "finite"),
        (bounded | ~finite, "in [0, 1]"),
        (whole | ~finite, "of sum 1"),
        (rounded | ~finite, f"rounded to {DECIMALS} decimals"),
    ):
        for row in np.flatnonzero(~ok)[:3]:
            yield f"{predictions.clips[row]}: its probabilities are not {what}"


def _scores(record: Record, predictions: Predictions, whole: Population) -> Iterator[str]:
    clips = [whole.by_clip[clip] for clip in predictions.clips]
    again = scoring.scores(predictions, clips, whole.labels)
    yield from _differing("scores", msgspec.to_builtins(record.scores), msgspec.to_builtins(again))
    matrices = scoring.speakers(predictions, clips, whole.labels)
    yield from _differing("speakers", record.speakers, matrices)


def _differing(block: str, said: dict[str, Any], follows: dict[str, Any]) -> Iterator[str]:
    for name in sorted(said.keys() | follows.keys()):
        if said.get(name) != follows.get(name):
            yield f"{block}.{name} is {said.get(name)}, but {follows.get(name)} follows from the predictions"
