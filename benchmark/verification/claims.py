"""What a record claims of itself: names, split, corpus copy, key, costs. Each fault is found and named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
import numpy as np

from benchmark.corpora import embedded
from benchmark.models.declaration import NAME
from benchmark.records import schema
from benchmark.records.schema import LENGTHS, CorpusFacts, Record
from protocols.corpora import Corpus, ManifestRow
from protocols.folds import Fold, Protocol
from protocols.population import Population

TEMPERATURES = 0.04, 21.0  # what `tune.temperature` can give lies between, and within


def names(record: Record) -> Iterator[str]:
    """Names go into paths: they can be nothing but words and hyphens."""
    for what, name in (
        ("model", record.model.name),
        ("protocol", record.protocol.name),
        *(("corpus", copy.name) for copy in record.corpora),
    ):
        if not NAME.fullmatch(name):
            yield f"its {what} is called {name[:60]!r}, which is not lower case letters, digits and hyphens"


def declared(record: Record, protocol: Protocol, whole: Population) -> Iterator[str]:
    """Split, corpus copy, labels, key and folds."""
    if (record.protocol.version, record.protocol.digest) != (protocol.version, protocol.digest):
        yield f"its split is not {protocol.name} version {protocol.version} (digest {protocol.digest[:12]})"
    if (record.protocol.leaks, record.protocol.ranks) != (protocol.leaks, protocol.ranks):
        yield f"whether it leaks or ranks is not what {protocol.name} says"
    if (used := [copy.name for copy in record.corpora]) != list(protocol.corpora):
        yield f"its corpus is {', '.join(used)}, its protocol's is {', '.join(protocol.corpora)}"
        return
    if record.labels != list(whole.labels):
        yield f"its labels are not {', '.join(whole.labels)}"
    if record.board != schema.board(record.corpora):
        kinds = ", ".join(copy.kind for copy in record.corpora)
        yield f"its board is {record.board}, its corpus copy is {kinds}"
    for copy, corpus in zip(record.corpora, whole.corpora, strict=True):
        yield from _copy(record, copy, corpus)
    yield from _key(record)
    wanted = folds_run(record, protocol)
    if record.budget.folds not in (None, wanted):
        yield f"its budget's folds {record.budget.folds} are not folds of {protocol.name}"
    if (told := [facts.fold for facts in record.folds]) != wanted:
        yield f"it tells of folds {told}, but its budget is for {wanted}"
    for facts in record.folds:
        if facts.fold in wanted and not set(facts.test) <= tested(protocol.folds[facts.fold], whole):
            yield f"fold {facts.fold}: its test speakers are not the split's"


def tested(fold: Fold, whole: Population) -> set[str]:
    """The speakers of a fold's test clips."""
    return {whole.rows[row].speaker for row in np.flatnonzero(fold.test.of(whole.rows))}


def _copy(record: Record, copy: CorpusFacts, corpus: Corpus) -> Iterator[str]:
    if copy.selection == "miniature" and record.board != "synthetic":
        yield "only a synthetic corpus has a miniature selection"
    if strangers := sorted(set(copy.missing) - {clip.clip for clip in corpus.manifest}):
        yield f"{strangers[0]} cannot be missing: {corpus.name} has no such clip"
    if copy.clips != (there := len(_present(copy, corpus))):
        yield f"its corpus copy says {copy.clips} clips, but {there} are not missing"


def _key(record: Record) -> Iterator[str]:
    for said, keyed, what in (
        (record.protocol.digest, record.key.get("protocol"), "split digest"),
        (schema.copy_digest(record.corpora), record.key.get("corpus copy"), "corpus copy digest"),
        (f"{record.model.name} {record.model.version}", record.key.get("model"), "model"),
        (record.model.source, record.key.get("model source"), "model source"),
        (record.features, record.key.get("features"), "features"),
        (record.space, _plain(record.key.get("space")), "space"),
        (record.seed, record.key.get("seed"), "seed"),
        (msgspec.to_builtins(record.budget), record.key.get("budget"), "budget"),
    ):
        if said != keyed:
            yield f"its {what} differs between the record and its key"


def _plain(space: Any) -> Any:
    """The key's space as the record has it; None where it is none."""
    try:
        return {name: json.loads(text) for name, text in space.items()}
    except (AttributeError, TypeError, ValueError, RecursionError):
        return None


def numbers(record: Record) -> Iterator[str]:
    """Times, counts and sizes are not negative; a temperature is one that the engine can give."""
    told = {"cost": msgspec.to_builtins(record.cost), "run": msgspec.to_builtins(record.run)}
    for place, value in _numbers(told):
        if value < 0:
            yield f"{place} is {value}, which cannot be negative"
    if record.cost and [count.seconds for count in record.cost.counts] != list(LENGTHS):
        yield "its cost is not counted for 1, 3 and 10 s of speech"
    if record.budget.trials < 1:
        yield f"its budget is {record.budget.trials} trials"
    for facts in record.folds:
        if not TEMPERATURES[0] <= facts.temperature <= TEMPERATURES[1]:
            yield f"fold {facts.fold}: its temperature {facts.temperature} is not between 1/20 and 20"
        if min(facts.epochs or 0, facts.parameters or 0) < 0:
            yield f"fold {facts.fold}: its epochs or parameters are negative"


def _numbers(block: Mapping[str, Any] | list[Any], place: str = "") -> Iterator[tuple[str, float]]:
    """Each number within nested dicts and lists, and where it stands, as in `cost.counts.0.norms`."""
    for name, value in block.items() if isinstance(block, Mapping) else enumerate(block):
        where = f"{place}.{name}".lstrip(".")
        if isinstance(value, Mapping | list):
            yield from _numbers(value, where)
        elif isinstance(value, int | float):
            yield where, value


def folds_run(record: Record, protocol: Protocol) -> list[int]:
    """The outer folds that the budget allows and the split has."""
    every = list(range(len(protocol.folds)))
    return every if record.budget.folds is None else [fold for fold in record.budget.folds if fold in every]


def selected(record: Record, whole: Population) -> list[ManifestRow]:
    """The clips that the corpus copies had, as the protocol names them."""
    present = {
        (corpus.name, clip.path)
        for copy, corpus in zip(record.corpora, whole.corpora, strict=False)
        for clip in _present(copy, corpus)
    }
    return [row for row in whole.rows if (row.corpus, row.path) in present]


def _present(copy: CorpusFacts, corpus: Corpus) -> list[ManifestRow]:
    chosen = embedded.select(corpus) if copy.selection == "miniature" else corpus.manifest
    missing = set(copy.missing)
    return [clip for clip in chosen if clip.clip not in missing]
