"""Does a record hold what it says? Recomputes all that follows from its predictions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmark import demo, evidence, records, tune
from benchmark.records import DECIMALS, Predictions, Record
from protocols import corpora, folds
from protocols.corpora import Clip, Corpus
from protocols.errors import FoldError, RecordError, RegistryError
from protocols.folds import Protocol


def problems(path: Path) -> list[str]:
    """Everything that is wrong with the record at a path, each in a sentence; [] where it holds."""
    try:
        record = records.read(path)
        protocol = folds.load(record.protocol.name)
        corpus = corpora.load(record.corpus.name)
        predictions, digest = records.read_predictions(records.predictions_place(path), list(corpus.labels))
    except (RecordError, RegistryError, FoldError) as error:
        return [str(error)]
    found = [*_place(record, path), *_declared(record, protocol, corpus), *_winners(record, protocol)]
    if digest != record.predictions:
        found.append("the predictions file is not the one that the record was written with")
    wrong = [*_rows(record, predictions, protocol, corpus), *_probabilities(predictions)]
    if wrong:
        return found + wrong  # scores of such a table mean nothing
    return found + list(_scores(record, predictions, corpus))


def _place(record: Record, path: Path) -> Iterator[str]:
    place = records.place(Path(), record.board, record.protocol.name, record.model.name, record.seed)
    if path.resolve().parts[-4:] != place.parts:
        yield f"its place must end in {place.as_posix()}"


def _declared(record: Record, protocol: Protocol, corpus: Corpus) -> Iterator[str]:
    if (record.protocol.version, record.protocol.digest) != (protocol.version, protocol.digest):
        yield f"its split is not {protocol.name} version {protocol.version} (digest {protocol.digest[:12]})"
    if record.corpus.name != protocol.corpus:
        yield f"its corpus is {record.corpus.name}, its protocol's is {protocol.corpus}"
    if record.labels != list(corpus.labels):
        yield f"its labels are not {', '.join(corpus.labels)}"
    if record.board != record.corpus.kind:
        yield f"its board is {record.board}, its corpus copy is {record.corpus.kind}"
    if record.corpus.selection == "miniature" and record.board != "synthetic":
        yield "only a synthetic corpus has a miniature selection"
    if strangers := sorted(set(record.corpus.missing) - {clip.clip for clip in corpus.manifest}):
        yield f"{strangers[0]} cannot be missing: {corpus.name} has no such clip"
    if record.corpus.clips != (there := len(_selected(record, corpus))):
        yield f"its corpus copy says {record.corpus.clips} clips, but {there} are not missing"
    for said, keyed, what in (
        (record.protocol.digest, record.key.get("protocol"), "split digest"),
        (record.corpus.digest, record.key.get("corpus copy"), "corpus copy digest"),
        (f"{record.model.name} {record.model.version}", record.key.get("model"), "model"),
        (record.model.source, record.key.get("model source"), "model source"),
        (record.features, record.key.get("features"), "features"),
        (record.seed, record.key.get("seed"), "seed"),
        (msgspec.to_builtins(record.budget), record.key.get("budget"), "budget"),
    ):
        if said != keyed:
            yield f"its {what} differs between the record and its key"
    run = _folds(record, protocol)
    if record.budget.folds not in (None, run):
        yield f"its budget's folds {record.budget.folds} are not folds of {protocol.name}"
    if (told := [facts.fold for facts in record.folds]) != run:
        yield f"it tells of folds {told}, but its budget is for {run}"
    for facts in record.folds:
        if facts.fold in run and not set(facts.test) <= set(protocol.folds[facts.fold].test):
            yield f"fold {facts.fold}: its test speakers are not the split's"


def _winners(record: Record, protocol: Protocol) -> Iterator[str]:
    """Seed 0 searched: in each fold its parameters are those of the best trial, its epochs their median."""
    for facts in record.folds if record.seed == 0 else []:
        tried = [trial for trial in facts.trials if trial.state == "complete"]
        if not tried or len(facts.trials) > record.budget.trials:
            yield f"fold {facts.fold}: {len(facts.trials)} trials, {len(tried)} complete, are not a search"
            continue
        winner = tune.best(tried, minimise=protocol.objective == "cross-entropy")
        epochs = int(np.median(winner.epochs)) if winner.epochs else None
        if (winner.params, epochs) != (facts.params, facts.epochs):
            yield f"fold {facts.fold}: its parameters or epochs are not those of its best trial"


def _rows(record: Record, predictions: Predictions, protocol: Protocol, corpus: Corpus) -> Iterator[str]:
    """One row for each test clip of the folds that were run: none missing, double or strange."""
    wanted = _expected(record, protocol, corpus)
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


def _expected(record: Record, protocol: Protocol, corpus: Corpus) -> dict[str, int]:
    """Each test clip's fold."""
    run = _folds(record, protocol)
    fold_of = {speaker: fold for fold in run for speaker in protocol.folds[fold].test}
    clips = _selected(record, corpus)
    return {clip.clip: fold_of[clip.speaker] for clip in clips if clip.speaker in fold_of}


def _folds(record: Record, protocol: Protocol) -> list[int]:
    """The outer folds that the budget allows and the split has."""
    every = list(range(len(protocol.folds)))
    return every if record.budget.folds is None else [fold for fold in record.budget.folds if fold in every]


def _selected(record: Record, corpus: Corpus) -> list[Clip]:
    """The clips that the corpus copy had."""
    selected = demo.select(corpus) if record.corpus.selection == "miniature" else corpus.manifest
    missing = set(record.corpus.missing)
    return [clip for clip in selected if clip.clip not in missing]


def _probabilities(predictions: Predictions) -> Iterator[str]:
    table = predictions.probabilities
    finite = np.isfinite(table).all(axis=1)
    bounded = ((table >= 0) & (table <= 1)).all(axis=1)
    whole = np.abs(table.sum(axis=1) - 1) <= table.shape[1] * 10**-DECIMALS
    for ok, what in ((finite, "finite"), (bounded | ~finite, "in [0, 1]"), (whole | ~finite, "of sum 1")):
        for row in np.flatnonzero(~ok)[:3]:
            yield f"{predictions.clips[row]}: its probabilities are not {what}"


def _scores(record: Record, predictions: Predictions, corpus: Corpus) -> Iterator[str]:
    known: dict[str, Clip] = {clip.clip: clip for clip in corpus.manifest}
    clips = [known[clip] for clip in predictions.clips]
    again = evidence.scores(predictions, clips, corpus.labels)
    yield from _differing("scores", msgspec.to_builtins(record.scores), msgspec.to_builtins(again))
    matrices = evidence.speakers(predictions, clips, corpus.labels)
    yield from _differing("speakers", record.speakers, matrices)


def _differing(block: str, said: dict[str, Any], follows: dict[str, Any]) -> Iterator[str]:
    for name in sorted(said.keys() | follows.keys()):
        if said.get(name) != follows.get(name):
            yield f"{block}.{name} is {said.get(name)}, but {follows.get(name)} follows from the predictions"
