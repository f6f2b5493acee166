"""What decides a result: the key of rule 12, and the environment that a record tells of."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import optuna

from benchmark.audio import augmentation
from benchmark.features import encoders, front_ends
from benchmark.models.plugins import Plugin
from benchmark.records.schema import Budget
from protocols.contract import Recipe, TorchModel
from protocols.folds import Protocol

TRAINING_VERSION = 1  # of search, fit and calibration: a new one whenever the same key would score otherwise
DECISIVE = ("torch", "numpy", "scikit-learn")  # libraries whose version may change a prediction
LATER = (
    "augmentation",
    "mixup",
    "distillation",
    "distillation_epochs",
    "copies",
    "ema",
)  # left out at their defaults


def key(
    plugin: Plugin,
    protocol: Protocol,
    *,
    copy_digest: str | dict[str, str],
    budget: Budget,
    seed: int,
    device: str,
    teacher: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything that decides a record's predictions. Two records with equal keys are the same record.

    `copy_digest`: of the corpus copy; of several corpora, each one's by name. `teacher`: the key of the
    teacher's record, where the model has one.
    """
    space = {
        name: optuna.distributions.distribution_to_json(distribution)
        for name, distribution in sorted(plugin.space().items())
    }
    parts: dict[str, Any] = {
        "protocol": protocol.digest,
        "corpus copy": copy_digest,
        "model": f"{plugin.info.name} {plugin.info.version}",
        "model source": plugin.source,
        "features": features(plugin),
        "space": space,
        "defaults": dict(plugin.model.defaults),
        "budget": {"trials": budget.trials, "epochs": budget.epochs, "folds": budget.folds},
        "seed": seed,
        "device": "cuda" if device.startswith("cuda") else device,
        "versions": {name: version(name) for name in DECISIVE},
        "training": TRAINING_VERSION,
    }
    if issubclass(plugin.model, TorchModel):
        recipe, default = asdict(plugin.model.recipe(plugin.model.defaults)), asdict(Recipe())
        parts["recipe"] = {
            name: value for name, value in recipe.items() if name not in LATER or value != default[name]
        }
    if teacher:
        digest = hashlib.sha256(json.dumps(teacher, sort_keys=True).encode()).hexdigest()
        parts["teacher"] = f"{teacher['model']} {digest[:16]}"
    plain: dict[str, Any] = json.loads(json.dumps(parts))  # as a record gives it back: lists, not tuples
    return plain


def features(plugin: Plugin) -> dict[str, Any]:
    """The model's front end with every option spelt out, its length policy and our version of it."""
    resolved = front_ends.resolved(plugin.features)
    told = {**resolved, "seconds": plugin.features.seconds, "version": front_ends.VERSION}
    if (encoder := front_ends.encoder_of(plugin.features)) and not encoders.missing(encoder):
        told["encoder"] = encoders.identity(encoder)
    if plugin.features.copies:
        told |= {
            "copies": plugin.features.copies,
            "augmentation": augmentation.identity(plugin.features.augmentation),
        }
    return told


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
