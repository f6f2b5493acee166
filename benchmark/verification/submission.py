"""What somebody hands in, read once: a record and its predictions, with their protocol and its clips."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmark.corpora import embedded
from benchmark.models.declaration import NAME
from benchmark.records import prediction_table, record_files
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import CorpusFacts, Record
from benchmark.storage import bounds
from protocols import corpora, folds
from protocols.corpora import Corpus, ManifestRow
from protocols.errors import FoldError, RecordError, RegistryError
from protocols.folds import Protocol
from protocols.population import Population, qualified


@dataclass(frozen=True, kw_only=True, eq=False)
class Submission:
    """A record and all that is needed to check it. Checks are pure functions of it: see `checks`."""

    path: Path
    record: Record
    file: str  # SHA-256 of the record's file
    predictions: Predictions
    digest: str  # SHA-256 of the predictions, unpacked
    protocol: Protocol  # today's of that name
    population: Population  # of the corpora that the record names
    leader: Record | None  # seed 0's record beside it; None for seed 0, and where there is none to be read

    @cached_property
    def folds_run(self) -> list[int]:
        """The outer folds that the record's budget allows and the split has."""
        every, wanted = list(range(len(self.protocol.folds))), self.record.budget.folds
        return every if wanted is None else [fold for fold in wanted if fold in every]

    @cached_property
    def held(self) -> list[ManifestRow]:
        """The rows of the clips that the corpus copies had."""
        several = len(self.population.corpora) > 1
        names = {
            qualified(row).clip if several else row.clip
            for copy, corpus in zip(self.record.corpora, self.population.corpora, strict=True)
            for row in clips_of(copy, corpus)
        }
        return [row for row in self.population.rows if row.clip in names]

    @cached_property
    def test_folds(self) -> dict[str, int]:
        """Each test clip of the folds that were run, and its fold."""
        return {
            self.held[index].clip: fold
            for fold in self.folds_run
            for index in np.flatnonzero(self.protocol.folds[fold].test.of(self.held))
        }

    def test_speakers(self, fold: int) -> set[str]:
        """All speakers whom the split tests in a fold, whatever clips the copies had."""
        rows = self.population.rows
        return {rows[index].speaker for index in np.flatnonzero(self.protocol.folds[fold].test.of(rows))}


@dataclass(frozen=True, kw_only=True, eq=False)
class Unreadable:
    """What cannot be checked, and why. There may be a record all the same: then its file is known too."""

    path: Path
    problems: list[str] = field(default_factory=list)
    record: Record | None = None
    file: str = ""  # SHA-256 of the record's file


def read(path: Path) -> Submission | Unreadable:
    """The submission whose record lies at a path. Each file is read once; nothing in it is run."""
    place = record_files.predictions_place(path)
    if strange := bounds.strange_kind(path, place):  # then it is not opened
        return Unreadable(path=path, problems=[strange])
    try:
        data = record_files.content(path)
        record = record_files.decode(path, data)
    except RecordError as error:
        return Unreadable(path=path, problems=[str(error)])
    file = hashlib.sha256(data).hexdigest()
    if wrong := list(_names(record)):  # nothing is looked up by such a name
        return Unreadable(path=path, problems=wrong, record=record, file=file)
    try:
        protocol = folds.load(record.protocol.name)
        population = Population(_corpora(record), protocol.labels)
        predictions, digest = prediction_table.read(place, list(population.labels))
    except (RecordError, RegistryError, FoldError) as error:
        return Unreadable(path=path, problems=[str(error)], record=record, file=file)
    return Submission(
        path=path,
        record=record,
        file=file,
        predictions=predictions,
        digest=digest,
        protocol=protocol,
        population=population,
        leader=_leader(path, record),
    )


def clips_of(copy: CorpusFacts, corpus: Corpus) -> list[ManifestRow]:
    """The clips that a copy of a corpus had."""
    chosen = embedded.select(corpus) if copy.selection == "miniature" else corpus.manifest
    missing = set(copy.missing)
    return [row for row in chosen if row.clip not in missing]


def _names(record: Record) -> Iterator[str]:
    """Names go into paths: they can be nothing but words and hyphens."""
    for what, name in (
        ("model", record.model.name),
        ("protocol", record.protocol.name),
        *(("corpus", copy.name) for copy in record.corpora),
    ):
        if not NAME.fullmatch(name):
            yield f"its {what} is called {name[:60]!r}, which is not lower case letters, digits and hyphens"


def _corpora(record: Record) -> tuple[Corpus, ...]:
    return tuple(corpora.load(copy.name) for copy in record.corpora)


def _leader(path: Path, record: Record) -> Record | None:
    if record.seed == 0:
        return None
    try:
        return record_files.read(path.with_name("seed-0.json"))
    except RecordError:
        return None
