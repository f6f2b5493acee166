"""What decides a result: the key of its record (docs/rules.md#already-there)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from benchmark.audio import augmentation
from benchmark.features import encoders, front_ends
from benchmark.models.plugins import Plugin
from benchmark.records.schema import Budget
from benchmark.storage import canonical
from protocols.contract import Features
from protocols.folds import Protocol

TRAINING_VERSION = 4  # of search, fit and calibration: a new one whenever the same key would score otherwise
DECISIVE = ("torch", "numpy", "scikit-learn")  # libraries whose version may change a prediction


def key(
    plugin: Plugin,
    protocol: Protocol,
    *,
    copy_digest: str | dict[str, str],
    budget: Budget,
    seed: int,
    numerics: str = "fp32",
    teacher: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that decides a record's predictions. Two records with equal keys are the same record.

    `copy_digest`: of the corpus copy; of several corpora, each one's by name. `numerics`: the class of the
    arithmetic; the device is none of it, so that one goes on with what another began. `teacher`: the key of
    the teacher's record, where the model has one.
    """
    parts: dict[str, Any] = {
        "protocol": protocol.digest,
        "corpus copy": copy_digest,
        "model": f"{plugin.info.name} {plugin.info.version}",
        "model source": plugin.source,
        "features": features(plugin),
        "budget": {"trials": budget.trials, "epochs": budget.epochs, "folds": budget.folds},
        "seed": seed,
        "other seeds": plugin.backend.other_seeds,
        "numerics": numerics,
        "versions": {name: front_ends.version(name) for name in DECISIVE},
        "training": TRAINING_VERSION,
    }
    parts |= plugin.settings
    if plugin.enrolment:
        parts["enrolment"] = plugin.enrolment
    if protocol.copies:
        rows = augmentation.identity(protocol.augmentation)
        parts["rows"] = {"copies": protocol.copies, "augmentation": rows}
    if teacher:
        parts["teacher"] = of_teacher(teacher)
    plain: dict[str, Any] = json.loads(json.dumps(parts))  # as a record gives it back: lists, not tuples
    return plain


def of_fits(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Of a record's key, what decides all of its inner fits; each has its own seed, fold and parameters."""
    return {
        name: part for name, part in parts.items() if name not in ("budget", "seed", "other seeds", "space")
    }


def of_whole(parts: Mapping[str, Any]) -> dict[str, Any]:
    """Of a record's key, what decides each of its folds: the key of the record that has them all."""
    budget = parts.get("budget")
    return {**parts, "budget": {**budget, "folds": None}} if isinstance(budget, Mapping) else dict(parts)


def of_teacher(key: dict[str, Any]) -> str:
    """What a student's key keeps of the key of its teacher's record."""
    return f"{key.get('model')} {canonical.digest(of_whole(key))[:16]}"


def features(plugin: Plugin) -> dict[str, Any] | list[dict[str, Any]]:
    """The model's front end with every option spelt out, its length policy and our version of it.

    Of several front ends, a list, in their order.
    """
    each = [_front_end(features) for features in plugin.features]
    return each if len(each) > 1 else each[0]


def _front_end(features: Features) -> dict[str, Any]:
    resolved, declared = front_ends.resolved(features), front_ends.declaration(features)
    facts = {**resolved, "seconds": features.seconds, "version": declared.version}
    encoder = front_ends.encoder_of(features)
    if encoder and (encoder.weights.sha256 or not encoders.missing(encoder)):
        facts["encoder"] = encoders.identity(encoder)
    if features.level == "removed":
        facts["level"] = features.level
    if features.copies:
        facts |= {
            "copies": features.copies,
            "augmentation": augmentation.identity(features.augmentation),
        }
    return facts


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """Which parts of two keys differ, one line each."""
    return [
        f"{name}: {_short(old.get(name))} -> {_short(new.get(name))}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
