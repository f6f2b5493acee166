"""What somebody hands in, read once: a record and its predictions, with their protocol and its clips."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from benchmark.corpora import embedded
from benchmark.execution import record_key
from benchmark.models import plugins
from benchmark.models.declaration import AS_RUN, NAME
from benchmark.models.plugins import Plugin
from benchmark.records import prediction_table, record_files, states
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import CorpusFacts, Record
from benchmark.storage import bounds
from protocols import corpora, folds
from protocols.corpora import Corpus, ManifestRow
from protocols.errors import FoldError, PluginError, RecordError, RegistryError
from protocols.folds import Protocol
from protocols.population import Population


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
    def split_is_todays(self) -> bool:
        """Whether the record was made with the split that is installed."""
        facts = self.record.protocol
        return (facts.version, facts.digest) == (self.protocol.version, self.protocol.digest)

    @cached_property
    def outdated(self) -> list[str]:
        """What of split, engine and model is not today's. The model is looked up, and imported, last."""

        def than(source: str | None) -> list[str]:
            engine = record_key.TRAINING_VERSION
            return states.outdated(self.record, protocol=self.protocol, engine=engine, source=source)

        return than(None) or than(self.plugin.source if self.plugin else None)

    @cached_property
    def plugin(self) -> Plugin | None:
        """The installed model of that name; None where there is none that can be used."""
        try:
            found = plugins.load(self.record.model.name)
            found.space()
        except (RegistryError, PluginError):
            return None
        return found

    @cached_property
    def folds_run(self) -> list[int]:
        """The outer folds that the record's budget allows and the split has."""
        every, wanted = list(range(len(self.protocol.folds))), self.record.budget.folds
        return every if wanted is None else [fold for fold in wanted if fold in every]

    @cached_property
    def held(self) -> list[ManifestRow]:
        """The rows of the clips that the corpus copies had."""
        names = {
            corpus.name: {row.clip for row in clips_of(copy, corpus)}
            for copy, corpus in zip(self.record.corpora, self.population.corpora, strict=True)
        }
        own_name = self.population.own_name
        return [row for row in self.population.rows if own_name(row) in names[row.corpus]]

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
    unknown: bool = False  # only because its protocol cannot be used here
    problems: list[str] = field(default_factory=list)
    record: Record | None = None
    file: str = ""  # SHA-256 of the record's file


@dataclass(frozen=True)
class Known:
    """Protocols with the clips of corpora, each looked up once for all records that are judged together."""

    protocols: dict[str, Protocol] = field(default_factory=dict)
    populations: dict[tuple[str, ...], Population] = field(default_factory=dict)

    def protocol(self, name: str) -> Protocol:
        """Today's of that name; RegistryError or FoldError where there is none that can be used."""
        if name not in self.protocols:
            self.protocols[name] = folds.load(name)
        return self.protocols[name]

    def population(self, protocol: Protocol, on: Sequence[str]) -> Population:
        """The clips of these corpora with the protocol's labels; RegistryError where one is not installed."""
        key = (protocol.name, *on)
        if key not in self.populations:
            self.populations[key] = Population(tuple(map(corpora.load, on)), protocol.labels, protocol.copies)
        return self.populations[key]


def read(path: Path, known: Known | None = None) -> Submission | Unreadable:
    """The submission whose record lies at a path. Each file is read once; nothing in it is run."""
    known = known or Known()
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
        protocol = known.protocol(record.protocol.name)
    except (RegistryError, FoldError) as error:
        return Unreadable(path=path, problems=[str(error)], record=record, file=file, unknown=True)
    try:
        population = known.population(protocol, [copy.name for copy in record.corpora])
        predictions, digest = prediction_table.read(place, list(population.labels))
    except (RecordError, RegistryError) as error:
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
    """Names go into paths: they can be nothing but words and hyphens, and a model's number of clips."""
    if not record.corpora:
        yield "it names no corpus"
    for what, name, pattern in (
        ("model", record.model.name, AS_RUN),
        ("protocol", record.protocol.name, NAME),
        *(("corpus", copy.name, NAME) for copy in record.corpora),
    ):
        if not pattern.fullmatch(name):
            yield f"its {what} is called {name[:60]!r}, which is not lower case letters, digits and hyphens"


def _leader(path: Path, record: Record) -> Record | None:
    if record.seed == 0:
        return None
    try:
        first = record_files.read(path.with_name("seed-0.json"))
    except RecordError:
        return None
    return first if first.seed == 0 else None
