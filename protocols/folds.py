"""Loads a split file, refuses one that leaks, and cuts a corpus into train, valid and test.

A split file names, for each outer fold, the test speakers and the inner valid sets; train is all the rest.
It never changes: its digest covers every word of it and the manifest that it was made for.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np

from protocols import corpora, registry
from protocols.corpora import Clip, Corpus
from protocols.errors import FoldError


@dataclass(frozen=True)
class Fold:
    """One outer fold: whom the model is tested on, and the inner valid sets that its search may use."""

    test: tuple[str, ...]  # speakers
    valid: tuple[tuple[str, ...], ...]  # each inner set: speakers, or sentences of the training speaker


@dataclass(frozen=True)
class Protocol:
    """Fixed folds over one corpus."""

    name: str
    version: int
    corpus: str
    rule: str  # how the folds are made, in words
    objective: Literal["uar", "cross-entropy"]  # what an inner search maximises or minimises
    valid_by: Literal["speaker", "sentence"]
    overall: bool  # whether it counts in the overall score
    folds: tuple[Fold, ...]
    digest: str  # SHA-256


@dataclass(frozen=True)
class Parts:
    """Indices into a list of clips. `inner` holds one (train, valid) pair for each inner valid set."""

    test: np.ndarray
    development: np.ndarray  # train + valid: every clip of every speaker that is not tested
    inner: tuple[tuple[np.ndarray, np.ndarray], ...]


def load(name: str | Path) -> Protocol:
    """The protocol called `name`, or the one in the file at a path; FoldError if it leaks."""
    path = name if isinstance(name, Path) else _installed(name)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FoldError(f"{path}: not a readable split file: {error}") from error
    try:
        protocol = msgspec.convert(document, Protocol)
    except msgspec.ValidationError as error:
        raise FoldError(f"{path}: not a split file: {error}") from error
    if isinstance(name, str) and protocol.name != name:
        raise FoldError(f"{path}: its name is {protocol.name!r}, its entry point's {name!r}.")
    corpus = corpora.load(protocol.corpus)
    refuse_leaks(protocol, corpus)
    now = digest({**document, "manifest": corpus.manifest_digest})
    if protocol.digest != now or document.get("manifest") != corpus.manifest_digest:
        raise FoldError(
            f"{protocol.name}: {path.name} or {corpus.name}'s manifest is not what the file's digest says "
            f"(now {now}, with the manifest {corpus.manifest_digest}). "
            "A split never changes: give the correction a new version."
        )
    return protocol


def _installed(name: str) -> Path:
    path = registry.load("protocols", name)
    if not isinstance(path, str | Path):
        raise FoldError(f"{name}: its entry point must name the path of a split file, not {path!r:.40}.")
    return Path(path)


def digest(document: dict[str, Any]) -> str:
    """SHA-256 of a split file's contents, whatever its comments and layout; its own digest left out."""
    contents = {key: value for key, value in document.items() if key != "digest"}
    return hashlib.sha256(json.dumps(contents, sort_keys=True, default=str).encode()).hexdigest()


def refuse_leaks(protocol: Protocol, corpus: Corpus) -> None:
    """FoldError where a speaker (or held-out sentence) is in two parts, unknown, or never or twice tested."""
    by_sentence = protocol.valid_by == "sentence"
    tested = [speaker for fold in protocol.folds for speaker in fold.test]
    known = {clip.sentence for clip in corpus.manifest} if by_sentence else set(corpus.speakers)
    for number, fold in enumerate(protocol.folds):
        where = f"{protocol.name}: fold {number}"
        if not fold.test:
            raise FoldError(f"{where} tests nobody.")
        if not fold.valid or not all(fold.valid):
            raise FoldError(f"{where} has no inner valid set.")
        for inner in fold.valid:
            if shared := sorted(set(inner) & set(fold.test)):
                raise FoldError(f"{where} leaks: speaker {', '.join(shared)} is in valid and in test.")
            if strangers := sorted(set(inner) - known):
                raise FoldError(f"{where}: {corpus.name} has no {protocol.valid_by} {', '.join(strangers)}.")
        training = set(corpus.speakers) - set(fold.test)
        if by_sentence and len(training) > 1:
            raise FoldError(
                f"{where} leaks: {', '.join(sorted(training))} are in train and in valid. "
                "Valid may be sentences only where there is a single training speaker."
            )
        if not by_sentence and any(set(inner) >= training for inner in fold.valid):
            raise FoldError(f"{where} leaves nobody to train on.")
    if twice := sorted({speaker for speaker in tested if tested.count(speaker) > 1}):
        raise FoldError(f"{protocol.name}: speaker {', '.join(twice)} is tested in more than one fold.")
    if odd := sorted(set(tested) ^ set(corpus.speakers)):
        raise FoldError(f"{protocol.name}: speaker {', '.join(odd)} is never tested, or not in the corpus.")


def cut(protocol: Protocol, fold: Fold, clips: Sequence[Clip]) -> Parts:
    """Cut `clips` at one fold; FoldError where a part that is needed is empty."""
    speakers = np.array([clip.speaker for clip in clips])
    held_out = np.array([clip.sentence for clip in clips]) if protocol.valid_by == "sentence" else speakers
    test = np.isin(speakers, fold.test)
    valid = [np.isin(held_out, inner) & ~test for inner in fold.valid]
    parts = Parts(
        test=np.flatnonzero(test),
        development=np.flatnonzero(~test),
        inner=tuple((np.flatnonzero(~test & ~inner), np.flatnonzero(inner)) for inner in valid),
    )
    if not all(map(len, (parts.test, *(part for pair in parts.inner for part in pair)))):
        who = ", ".join(fold.test)
        raise FoldError(f"{protocol.name}, test speakers {who}: too many clips are missing, a part is empty.")
    return parts
