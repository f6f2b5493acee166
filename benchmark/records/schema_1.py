"""Schema 1 of a record: what it calls things, and the same record in today's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from benchmark.records.schema import SCHEMA
from benchmark.storage import canonical

OLD = 1
RECIPE = {
    "changes": "augmentation",
    "matching": "distillation",
    "matching_epochs": "distillation_epochs",
}
AUGMENTATION = {"chance": "probability"}
WAVEFORM = {"changes": "steps"}
FEATURES = {"views": "copies", "changes": "augmentation"}
CURVES = {"valid UAR": "validation UAR"}
COUNTS = {"heard": "used"}

Document = dict[str, Any]  # a record as JSON holds it
Sources = Mapping[str, Mapping[str, str]]  # model -> {"old": digest of its source then, "new": the same now}


def converted(old: Document, sources: Sources, teachers: Mapping[str, Document]) -> Document:
    """A record of schema 1 as one of schema 2; one of another schema as it is.

    `teachers`: the records beside it at seed 0, of schema 1, by "model version"; of them the one that its key
    names by its own key's digest.
    """
    if old.get("schema") != OLD:
        return old
    new = {name: value for name, value in old.items() if name != "corpus"}
    source = _source(old["model"]["name"], old["model"]["source"], sources)
    return {
        **new,
        "schema": SCHEMA,
        "corpora": [old["corpus"]],
        "model": {**old["model"], "source": source},
        "features": _features(old["features"]),
        "folds": [_fold(fold) for fold in old["folds"]],
        "cost": _cost(old.get("cost")),
        "key": _key(old, source, sources, teachers),
    }


def _source(model: str, digest: str, sources: Sources) -> str:
    known = sources.get(model, {})
    return known["new"] if known.get("old") == digest else digest


def _renamed(block: Document, words: Mapping[str, str]) -> Document:
    return {words.get(name, name): value for name, value in block.items()}


def _recipe(recipe: Document) -> Document:
    new = _renamed(recipe, RECIPE)
    if "augmentation" in new:
        new["augmentation"] = _steps(new["augmentation"])
    return new


def _features(features: Document) -> Document:
    new = _renamed(features, FEATURES)
    if "augmentation" in new:
        waveform = _renamed(new["augmentation"], WAVEFORM)
        new["augmentation"] = {**waveform, "steps": _steps(waveform["steps"])}
    return new


def _steps(steps: list[Document]) -> list[Document]:
    return [_renamed(each, AUGMENTATION) for each in steps]


def _fold(fold: Document) -> Document:
    return {**fold, "curves": [_renamed(inner, CURVES) for inner in fold.get("curves", [])]}


def _cost(cost: Document | None) -> Document | None:
    if cost is None:
        return None
    return {**cost, "counts": [_renamed(count, COUNTS) for count in cost["counts"]]}


def _key(old: Document, source: str, sources: Sources, teachers: Mapping[str, Document]) -> Document:
    key: Document = {
        **old["key"],
        "model source": source,
        "features": _features(old["key"]["features"]),
    }
    if "recipe" in key:
        key["recipe"] = _recipe(key["recipe"])
    if "teacher" in key:
        name, _, digest = key["teacher"].rpartition(" ")
        teacher = teachers.get(name)
        if teacher and teacher.get("schema") == OLD and _digest(teacher["key"]) == digest:
            key["teacher"] = f"{name} {_digest(converted(teacher, sources, {})['key'])}"
    return key


def _digest(key: Document) -> str:
    """As `benchmark.execution.record_key.key` names a teacher's key."""
    return canonical.digest(key)[:16]
