"""Loads a split file, refuses one that leaks without saying so, and splits clips by it.

A split file says which corpora take part, what its folds test, and what is kept apart. For each outer fold
it selects the test clips and those that validate in each inner fold; training is all the rest that shares
none of the units that are kept apart. It never changes: its digest covers every word of it and the manifests
that it was made for.

The first version of the format, which the ranking protocols have and keep, knows one corpus (`corpus`), test
speakers, and inner validation by speaker or sentence (`valid`, `valid_by`).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

from protocols import corpora, registry
from protocols.corpora import ManifestRow
from protocols.errors import FoldError
from protocols.population import Population
from protocols.selection import Selection, Unit, sharing


@dataclass(frozen=True)
class Fold:
    """One outer fold: what the model is tested on, and what each inner fold of its search validates on."""

    test: Selection
    validation: tuple[Selection, ...]
    train: Selection = field(default_factory=Selection)  # from which training clips may come; default: all


@dataclass(frozen=True, kw_only=True)
class Protocol:
    """Fixed folds over one corpus or several."""

    name: str
    version: int
    corpora: tuple[str, ...]
    rule: str  # how the folds are made, in words
    objective: Literal["uar", "cross-entropy"]  # what an inner search maximises or minimises
    apart: tuple[Unit, ...]  # no test clip shares any of these with a clip of training or validation
    validation_apart: tuple[Unit, ...]  # likewise, an inner fold's validation and its training clips
    overall: bool  # whether it counts in the overall score
    folds: tuple[Fold, ...]
    digest: str  # SHA-256
    leaks: str = ""  # how it leaks, by design; "" = not at all
    ranks: bool = True
    labels: Mapping[str, str] = field(default_factory=dict, hash=False)  # a corpus's label -> the shared one


@dataclass(frozen=True)
class Split:
    """Indices into a list of clips. `inner` holds one (train, validation) pair for each inner fold."""

    test: np.ndarray
    development: np.ndarray  # training + validation: all that a model may be fitted on
    inner: tuple[tuple[np.ndarray, np.ndarray], ...]


def load(name: str | Path) -> Protocol:
    """The protocol called `name`, or of the file at a path; FoldError if it leaks and does not say so."""
    path = name if isinstance(name, Path) else _installed(name)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FoldError(f"{path}: not a readable split file: {error}") from error
    try:
        protocol = msgspec.convert(_current(document), Protocol)
    except msgspec.ValidationError as error:
        raise FoldError(f"{path}: not a split file: {error}") from error
    if isinstance(name, str) and protocol.name != name:
        raise FoldError(f"{path}: its name is {protocol.name!r}, its entry point's {name!r}.")
    whole = population(protocol)
    refuse_leaks(protocol, whole)
    _refuse_changes(protocol, document, whole, path)
    return protocol


def population(protocol: Protocol) -> Population:
    """All clips of the protocol's corpora; RegistryError where one is not installed."""
    return Population(tuple(map(corpora.load, protocol.corpora)), protocol.labels)


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of a split file's contents, whatever its comments and layout; its own digest left out."""
    contents = {key: value for key, value in document.items() if key != "digest"}
    return hashlib.sha256(json.dumps(contents, sort_keys=True, default=str).encode()).hexdigest()


def split(protocol: Protocol, fold: Fold, rows: Sequence[ManifestRow]) -> Split:
    """Split `rows` by one fold; FoldError where a part that is needed is empty."""
    test = fold.test.of(rows)
    development = fold.train.of(rows) & ~sharing(rows, test, protocol.apart)
    inner = []
    for selection in fold.validation:
        validation = selection.of(rows) & ~sharing(rows, test, protocol.apart)
        train = development & ~sharing(rows, validation, protocol.validation_apart)
        inner.append((np.flatnonzero(train), np.flatnonzero(validation)))
    parts = Split(np.flatnonzero(test), np.flatnonzero(development), tuple(inner))
    if not all(map(len, (parts.test, parts.development, *(part for pair in parts.inner for part in pair)))):
        raise FoldError(f"{protocol.name}, {_named(fold.test)}: too many clips are missing, a part is empty.")
    return parts


def refuse_leaks(protocol: Protocol, whole: Population) -> None:
    """FoldError where the file leaks and does not declare it, names what there is not, or a part is empty.

    A leak that is declared in `leaks` is by design: such a protocol never ranks.
    """
    if protocol.leaks and (protocol.ranks or protocol.overall):
        raise FoldError(
            f"{protocol.name} leaks by design ({protocol.leaks}), so it can never rank: ranks = false."
        )
    if not protocol.leaks and not {"speaker", "corpus"} & set(protocol.apart):
        raise FoldError(
            f"{protocol.name} leaks: it keeps no speakers apart, and does not say so. "
            "Name `speaker` in `apart`, or say in `leaks` how it leaks."
        )
    for number, fold in enumerate(protocol.folds):
        where = f"{protocol.name}: fold {number}"
        if not all(fold.test.names.values()) or not fold.test.names:
            raise FoldError(f"{where} tests nobody.")
        if not fold.validation or not all(s.names and all(s.names.values()) for s in fold.validation):
            raise FoldError(f"{where} has no inner validation.")
        for selection in (fold.test, *fold.validation, fold.train):
            _refuse_strangers(selection, whole, where)
        if not protocol.leaks:
            _refuse_leaky_fold(protocol, fold, whole, where)
    _refuse_tested_twice(protocol, whole)


def _refuse_strangers(selection: Selection, whole: Population, where: str) -> None:
    for unit, names in selection.names.items():
        known = {getattr(row, unit) for row in whole.rows}
        if strangers := sorted(set(names) - known):
            corpus = ", ".join(corpus.name for corpus in whole.corpora)
            raise FoldError(f"{where}: {corpus} has no {unit} {', '.join(strangers)}.")


def _refuse_leaky_fold(protocol: Protocol, fold: Fold, whole: Population, where: str) -> None:
    """A speaker is in one part only; but for a single training speaker, of whom other sentences validate."""
    test = fold.test.of(whole.rows)
    voices = np.array([row.speaker for row in whole.rows])
    training = set(voices[~sharing(whole.rows, test, protocol.apart)])
    for selection in fold.validation:
        chosen = selection.of(whole.rows)
        if "speaker" in selection.names and (shared := sorted(set(voices[chosen]) & set(voices[test]))):
            raise FoldError(f"{where} leaks: speaker {', '.join(shared)} is in validation and in test.")
        if not training - set(voices[chosen]) and "speaker" in protocol.validation_apart:
            raise FoldError(f"{where} leaves nobody to train on.")
    if "speaker" not in protocol.validation_apart and len(training) > 1:
        raise FoldError(
            f"{where} leaks: {', '.join(sorted(training))} are in training and in validation. "
            "Only sentences may validate, where there is a single training speaker."
        )


def _refuse_tested_twice(protocol: Protocol, whole: Population) -> None:
    """A clip is tested once at most; where whole speakers are tested, each of them is."""
    tests = np.array([fold.test.of(whole.rows) for fold in protocol.folds]).sum(axis=0)  # (clips,)
    voices = np.array([row.speaker for row in whole.rows])
    if twice := sorted(set(voices[tests > 1])):
        raise FoldError(f"{protocol.name}: speaker {', '.join(twice)} is tested in more than one fold.")
    if protocol.ranks and (odd := sorted(set(voices[tests == 0]))):
        raise FoldError(f"{protocol.name}: speaker {', '.join(odd)} is never tested.")


def _refuse_changes(protocol: Protocol, document: dict[str, Any], whole: Population, path: Path) -> None:
    found = {corpus.name: corpus.manifest_digest for corpus in whole.corpora}
    name, bound = ("manifest", found[protocol.corpora[0]]) if "corpus" in document else ("manifests", found)
    now = digest({**document, name: bound})
    if protocol.digest != now or document.get(name) != bound:
        raise FoldError(
            f"{protocol.name}: {path.name} or a manifest is not what the file's digest says "
            f"(now {now}, with {name} {bound}). A split never changes: give the correction a new version."
        )


def _current(document: dict[str, Any]) -> dict[str, Any]:
    """The document of a file of the first version as one of the second; others as they are."""
    known = {key: value for key, value in document.items() if key not in ("manifest", "manifests")}
    if "corpus" not in document:
        return known
    by = known.pop("valid_by", None)
    if by not in ("speaker", "sentence"):
        raise msgspec.ValidationError(f"`valid_by` must be speaker or sentence, not {by!r}")
    folds = known.get("folds", [])
    return {
        **{key: value for key, value in known.items() if key not in ("corpus", "folds")},
        "corpora": [known["corpus"]],
        "apart": ["speaker"],
        "validation_apart": [by],
        "folds": [
            {
                "test": {"speakers": fold.get("test", [])},
                "validation": [{f"{by}s": names} for names in fold.get("valid", [])],
            }
            for fold in folds
        ],
    }


def _installed(name: str) -> Path:
    path = registry.load("protocols", name)
    if not isinstance(path, str | Path):
        raise FoldError(f"{name}: its entry point must name the path of a split file, not {path!r:.40}.")
    return Path(path)


def _named(selection: Selection) -> str:
    return "; ".join(f"test {unit}s {', '.join(names)}" for unit, names in selection.names.items())
