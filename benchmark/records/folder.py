"""A results folder: its records, each in its own place, and the predictions that they vouch for."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from benchmark.records import prediction_table, record_files
from benchmark.records.prediction_table import Predictions, PredictionsOf
from benchmark.records.schema import Record
from protocols.errors import RecordError, UnheardError

BESIDE = [f"{folder}/*/*/*/*" for folder in record_files.BESIDE]  # evidence about records, and no records


def paths(named: Path) -> list[Path]:
    """The record at a path, or all records of a folder; RecordError where it holds none, or hides some.

    Links in it are never followed: each stands by itself. Copies that a site in the folder carries are
    left out, where there are others.
    """
    if named.is_file() or (named.is_symlink() and not named.is_dir()):
        return [named]
    record_files.refuse_hidden(named)
    below = sorted(named.rglob("*")) if named.is_dir() else []
    found = [
        path
        for path in below
        if path.is_symlink() or (path.match("seed-*.json") and not any(map(path.match, BESIDE)))
    ]
    if not found:
        raise RecordError(
            f"{named}: holds no records. Name a seed-<n>.json, or a results folder with --results."
        )
    return [path for path in found if not _is_copy(path, named)] or found


def _is_copy(path: Path, named: Path) -> bool:
    """Whether a path below a folder is that of a record's copy in a site (`website.build`)."""
    parts = path.relative_to(named).parts
    above, own = record_files.IN_A_SITE.parts
    copied = len(parts) >= 6 and parts[-6] == above and parts[-5].partition("-")[0] == own
    return copied and (path.parents[5] / record_files.SITE).is_file()


def read(folder: Path) -> list[Record]:
    """All records below the folder, in the order of their paths.

    UnheardError where there is no such folder, RecordError where a record cannot be read or lies elsewhere
    than where its model, protocol and seed belong.
    """
    if not folder.is_dir():
        raise UnheardError(f"{folder}: there is no such results folder. Check --results.")
    found = []
    for path in record_files.find(folder):
        record = record_files.read(path)
        if record_files.place_of(folder, record) != path:
            facts = record.board_name, record.protocol.name, record.model.name, record.seed
            raise RecordError(f"{path}: holds the record of {' '.join(map(str, facts))}. Move or delete it.")
        found.append(record)
    return found


def predictions(folder: Path) -> PredictionsOf:
    """Reads a record's predictions; None where they are not there, or not those that it vouches for."""
    kept = lru_cache(maxsize=64)(prediction_table.of_digest)

    def of(record: Record) -> Predictions | None:
        place = record_files.place_of(folder, record)
        return kept(record_files.predictions_place(place), tuple(record.labels), record.predictions)

    return of
