"""Predictions for any audio files, by a final model that was fitted on all speakers of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.audio import reader
from benchmark.execution import model_store, suites
from benchmark.execution.model_card import Card
from benchmark.features import feature_store
from benchmark.models import plugins
from benchmark.records.schema import DECIMALS
from benchmark.scores import calibration
from protocols.contract import ClipBatch, Model
from protocols.errors import PluginError, WeightsError


@dataclass(frozen=True)
class Prediction:
    """What a model predicts for one file: the most probable label, and each label's probability."""

    file: Path
    label: str
    probabilities: dict[str, float]


def predict(model: str, files: Sequence[Path], *, corpus: str) -> tuple[Card, list[Prediction]]:
    """What the model that `run --final` kept predicts for these files, and the card that tells what it is.

    `model` is a name or a file. WeightsError, with the command that makes it, where none is kept; DataError
    for a file that cannot be read; PluginError for a model that cannot run here.
    """
    plugin, fitted_on = plugins.load(model), suites.ranking_protocol(corpus)
    if plugin.missing:
        raise PluginError(f"{model} cannot run here: {plugin.missing}")
    card, fitted = model_store.load(plugin, fitted_on)
    clips = feature_store.clips(plugin.features, [reader.read(path) for path in files])
    return card, [
        Prediction(path, card.labels[row.argmax()], dict(zip(card.labels, row.tolist(), strict=True)))
        for path, row in zip(files, probabilities(fitted, card, clips), strict=True)
    ]


def probabilities(model: Model, card: Card, clips: ClipBatch) -> np.ndarray:
    """(n, classes), calibrated and rounded as in a record; WeightsError where they are not finite."""
    raw = np.asarray(model.predict_proba(clips), dtype=np.float64)
    if raw.shape != (len(clips), len(card.labels)) or not np.isfinite(raw).all():
        raise WeightsError(f"{card.model.name}: what it gives for these files are no probabilities.")
    return calibration.calibrated(raw, card.temperature).round(DECIMALS)
