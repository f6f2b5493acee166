"""Several results folders read as one: their records, and the folder that each has its evidence in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from benchmark.records import folder
from benchmark.records.schema import Record
from benchmark.storage import canonical

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Homes:
    """Records of one or more results folders."""

    folders: tuple[Path, ...]
    records: tuple[Record, ...] = ()
    home: dict[int, Path] = field(default_factory=dict)  # a record's folder, by the record's identity

    def ask(self, of: Callable[[Path], Callable[[Record], Answer]]) -> Callable[[Record], Answer]:
        """What is asked of a record goes to its own folder: `of` makes the function for one folder."""
        asked = {path: of(path) for path in self.folders}
        return lambda record: asked[self.home[id(record)]](record)


def one(path: Path, records: Sequence[Record]) -> Homes:
    """These records, all of one folder."""
    return Homes((path,), tuple(records), {id(record): path for record in records})


def read(paths: Iterable[Path]) -> Homes:
    """All records below these folders; the same one in two of them is the first folder's.

    UnheardError where one is no folder, RecordError as for `folder.read`.
    """
    paths = tuple({path.resolve(): path for path in paths}.values())  # one that is named twice is one
    kept: dict[str, tuple[Record, Path]] = {}
    for path in paths:
        for record in folder.read(path):
            facts = (record.board_name, record.protocol.name, record.model.name, record.seed, record.key)
            kept.setdefault(canonical.line(facts), (record, path))
    records = tuple(record for record, _ in kept.values())
    return Homes(paths, records, {id(record): path for record, path in kept.values()})
