"""Loads a split file: the fixed folds of a protocol.

A split file says which corpora take part, what its folds test, and what is kept apart. For each outer fold
it selects the test clips and those that validate in each inner fold; training is all the rest that shares
none of the units that are kept apart. It never changes: its digest covers every word of it and the manifests
that it was made for.

    name = "savee-to-tess"                       # lower case letters, digits and hyphens
    version = 1
    corpora = ["savee", "tess"]                  # with several, names are "corpus/name"
    rule = "Train on SAVEE, test on TESS."
    objective = "uar"                            # or "cross-entropy"
    apart = ["corpus"]                           # of corpus, speaker, sentence, clip
    validation_apart = ["speaker"]
    ranks = false                                # true where it is left out
    overall = false
    leaks = ""                                   # how it leaks by design, where it does; then it never ranks
    digest = "..."                               # both: `python -m benchmark audit FILE.toml` says them
    [manifests]
    savee = "..."
    tess = "..."
    [labels]                                     # a corpus's label -> the shared one; others are left out
    anger = "anger"
    sadness = "sadness"
    [[folds]]
    test = {corpora = ["tess"]}                  # any of corpora, speakers, sentences, clips
    validation = [{speakers = ["savee/DC"]}, {speakers = ["savee/JE"]}]
    train = {corpora = ["savee"]}                # all where it is left out

In place of `clips`, the selections of one corpus may name `parts`: see protocols/parts.py.

A protocol that does not rank may also have altered copies of the clips as rows of their own, which its folds
divide like clips, and no search; then no inner fold validates:

    search = false                               # every model in its own setting, for its recipe's epochs
    copies = 1                                   # altered copies of each clip: "DC_a01#1" is that of "DC_a01"
    augmentation = [{kind = "pitch", low = 1, high = 2}]  # as in protocols.contract.Augmentation

The first version of the format, which the ranking protocols have and keep, knows one corpus (`corpus`), test
speakers, and inner validation by speaker or sentence (`valid`, `valid_by`).
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec

from protocols import leaks, parts, registry
from protocols.contract import Augmentation
from protocols.errors import FoldError
from protocols.protocol import Fold, Protocol, Split, population, split
from protocols.selection import Selection

__all__ = ["Fold", "Protocol", "Split", "digest", "load", "population", "split"]

_faultless: set[str] = set()  # digests of files, with their manifests, in which this process found no fault


def load(name: str | Path) -> Protocol:
    """The protocol called `name`, or of the file at a path (".toml"); FoldError where it cannot be used.

    It cannot where it leaks and does not say so, or is not what its digest says.
    """
    by_path = isinstance(name, Path) or name.endswith(".toml")
    path = Path(name) if by_path else _installed(str(name))
    document = _document(path)
    protocol = _protocol(document, path)
    if not by_path and protocol.name != name:
        raise FoldError(f"{path}: its name is {protocol.name!r}, its entry point's {name!r}.")
    _refuse(protocol, document, path)
    return protocol


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 of a split file's contents, whatever its comments and layout; its own digest left out."""
    contents = {key: value for key, value in document.items() if key != "digest"}
    return hashlib.sha256(json.dumps(contents, sort_keys=True, default=str).encode()).hexdigest()


def _document(path: Path) -> dict[str, Any]:
    if path.exists() and not path.is_file():  # a pipe may never answer
        raise FoldError(f"{path}: not a readable split file: it is no file")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FoldError(f"{path}: not a readable split file: {error}") from error


def _protocol(document: dict[str, Any], path: Path) -> Protocol:
    try:
        current = parts.named(_current(document))
        protocol = msgspec.convert(current, Protocol)
        _refuse_unknown(current)
    except msgspec.ValidationError as error:
        raise FoldError(f"{path}: not a split file: {error}") from error
    return protocol


def _refuse(protocol: Protocol, document: dict[str, Any], path: Path) -> None:
    """FoldError where the protocol has a fault, or the file or a manifest is not what its digest says."""
    whole = population(protocol)
    found = {corpus.name: corpus.manifest_digest for corpus in whole.corpora}
    name, bound = ("manifest", found[protocol.corpora[0]]) if "corpus" in document else ("manifests", found)
    now = digest({**document, name: bound})
    if now not in _faultless:
        leaks.refuse(protocol, whole)
        _faultless.add(now)
    if protocol.digest != now or document.get(name) != bound:
        raise FoldError(
            f"{protocol.name}: {path.name} or a manifest is not what the file's digest says. A split never "
            "changes: give the correction a new version. Its lines for the file as it is now:\n"
            f'{name} = {_toml(bound)}\ndigest = "{now}"'
        )


def _toml(bound: str | dict[str, str]) -> str:
    """As a split file has it: one manifest's digest, or each corpus's."""
    if isinstance(bound, str):
        return f'"{bound}"'
    return "{ " + ", ".join(f'{corpus} = "{found}"' for corpus, found in bound.items()) + " }"


def _current(document: dict[str, Any]) -> dict[str, Any]:
    """The document of a file of the first version as one of the second; others as they are."""
    kept = {key: value for key, value in document.items() if key not in ("manifest", "manifests")}
    if "corpus" not in document:
        return kept
    by = kept.pop("valid_by", None)
    if by not in ("speaker", "sentence"):
        raise msgspec.ValidationError(f"`valid_by` must be speaker or sentence, not {by!r}")
    folds = kept.get("folds", [])
    if not isinstance(folds, list) or not all(isinstance(fold, dict) for fold in folds):
        raise msgspec.ValidationError("`folds` must be tables: [[folds]]")
    for fold in folds:
        _refuse_keys(fold, {"test", "valid"})
        if not isinstance(fold.get("valid", []), list):
            raise msgspec.ValidationError("`valid` must be a list of lists of names")
    return {
        **{key: value for key, value in kept.items() if key not in ("corpus", "folds")},
        "corpora": [kept["corpus"]],
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


def _refuse_unknown(document: dict[str, Any]) -> None:
    """ValidationError for a word that the format does not have: a misspelt one would change nothing."""
    _refuse_keys(document, {field.name for field in fields(Protocol)})
    for fold in document["folds"]:
        _refuse_keys(fold, {field.name for field in fields(Fold)})
        for selection in (fold["test"], *fold.get("validation", []), fold.get("train", {})):
            _refuse_keys(selection, {field.name for field in fields(Selection)})
    for step in document.get("augmentation", []):
        _refuse_keys(step, {field.name for field in fields(Augmentation)})


def _refuse_keys(table: Mapping[str, Any], known: set[str]) -> None:
    if strange := sorted(set(table) - known):
        raise msgspec.ValidationError(f"unknown field `{strange[0]}`; known: {', '.join(sorted(known))}")


def _installed(name: str) -> Path:
    path = registry.load("protocols", name)
    if not isinstance(path, str | Path):
        raise FoldError(f"{name}: its entry point must name the path of a split file, not {path!r:.40}.")
    return Path(path)
