"""What a record claims of itself: names, split, corpus copy, key, costs. Each fault is found and named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from benchmark.corpora import embedded
from benchmark.models.declaration import NAME
from benchmark.records.schema import LENGTHS, Record
from protocols.corpora import Corpus, ManifestRow
from protocols.folds import Protocol

TEMPERATURES = 0.04, 21.0  # what `tune.temperature` can give lies between, and within


def names(record: Record) -> Iterator[str]:
    """Names go into paths: they can be nothing but words and hyphens."""
    for what, name in (
        ("model", record.model.name),
        ("protocol", record.protocol.name),
        ("corpus", record.corpus.name),
    ):
        if not NAME.fullmatch(name):
            yield f"its {what} is called {name[:60]!r}, which is not lower case letters, digits and hyphens"


def declared(record: Record, protocol: Protocol, corpus: Corpus) -> Iterator[str]:
    """Split, corpus copy, labels, key and folds."""
    if (record.protocol.version, record.protocol.digest) != (protocol.version, protocol.digest):
        yield f"its split is not {protocol.name} version {protocol.version} (digest {protocol.digest[:12]})"
    if record.corpus.name != protocol.corpora[0]:
        yield f"its corpus is {record.corpus.name}, its protocol's is {protocol.corpora[0]}"
    if record.labels != list(corpus.labels):
        yield f"its labels are not {', '.join(corpus.labels)}"
    yield from _copy(record, corpus)
    yield from _key(record)
    wanted = folds_run(record, protocol)
    if record.budget.folds not in (None, wanted):
        yield f"its budget's folds {record.budget.folds} are not folds of {protocol.name}"
    if (told := [facts.fold for facts in record.folds]) != wanted:
        yield f"it tells of folds {told}, but its budget is for {wanted}"
    for facts in record.folds:
        if facts.fold in wanted and not set(facts.test) <= set(
            protocol.folds[facts.fold].test.speakers or ()
        ):
            yield f"fold {facts.fold}: its test speakers are not the split's"


def _copy(record: Record, corpus: Corpus) -> Iterator[str]:
    if record.board != record.corpus.kind:
        yield f"its board is {record.board}, its corpus copy is {record.corpus.kind}"
    if record.corpus.selection == "miniature" and record.board != "synthetic":
        yield "only a synthetic corpus has a miniature selection"
    if strangers := sorted(set(record.corpus.missing) - {clip.clip for clip in corpus.manifest}):
        yield f"{strangers[0]} cannot be missing: {corpus.name} has no such clip"
    if record.corpus.clips != (there := len(selected(record, corpus))):
        yield f"its corpus copy says {record.corpus.clips} clips, but {there} are not missing"


def _key(record: Record) -> Iterator[str]:
    for said, keyed, what in (
        (record.protocol.digest, record.key.get("protocol"), "split digest"),
        (record.corpus.digest, record.key.get("corpus copy"), "corpus copy digest"),
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


def selected(record: Record, corpus: Corpus) -> list[ManifestRow]:
    """The clips that the corpus copy had."""
    chosen = embedded.select(corpus) if record.corpus.selection == "miniature" else corpus.manifest
    missing = set(record.corpus.missing)
    return [clip for clip in chosen if clip.clip not in missing]
