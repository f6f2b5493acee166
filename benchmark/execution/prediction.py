"""Predictions for any audio files, by a final model that was fitted on all speakers of a corpus."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from benchmark.audio import level, reader
from benchmark.execution import model_store, suites
from benchmark.execution.model_card import Card
from benchmark.features import feature_store, front_ends
from benchmark.features.stack import Stack
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from benchmark.records.schema import DECIMALS
from benchmark.scores import calibration
from protocols.contract import ClipBatch, Model
from protocols.errors import DataError, PluginError, UnheardError, WeightsError

Given = Callable[[Path, ClipBatch], ClipBatch]  # (file, its clip) -> what a model is given of it


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a model predicts for one file, or why it predicts nothing.

    `label` is the most probable one, `probabilities` has each label's, calibrated and rounded as in a record.
    """

    file: Path
    label: str = ""
    probabilities: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_used: float = 0.0  # of them, that decide what the model is given
    notes: tuple[str, ...] = ()  # what makes the prediction doubtful
    problem: str = ""  # "" where there is a prediction


def predict(
    model: str, files: Sequence[Path], *, corpus: str, enrolment: Sequence[Path] = ()
) -> tuple[Card, list[Prediction]]:
    """What the model that `run --final` kept predicts for each of these files by itself, and its card.

    `model` is a name or a file. `enrolment`: other clips of the speaker, for a model NAME@K. WeightsError,
    with the command that makes it, where none is kept; PluginError for a model that cannot run here;
    DataError for a clip of the speaker that cannot be read. A file that cannot be predicted has a `problem`
    and stops no other.
    """
    plugin, fitted_on = plugins.load(model), suites.ranking_protocol(corpus)
    if plugin.missing:
        raise PluginError(f"{model} cannot run here: {plugin.missing}")
    _check_enrolment(plugin, enrolment)
    card, fitted = model_store.load(plugin, fitted_on)
    features = plugin.features_with(card.params)
    given = _given(enrolment, features)
    return card, [_of_file(path, fitted, card, features, given) for path in files]


def probabilities(model: Model, card: Card, clips: ClipBatch) -> np.ndarray:
    """(n, classes), calibrated and rounded as in a record; WeightsError where they are not finite.

    Likewise where the model is to be given clips of the speaker and is not.
    """
    if card.model.enrolment and clips.enrolment is None:
        raise WeightsError(f"{card.model.name} is given other clips of the speaker: `ClipBatch.enrolment`.")
    raw = np.asarray(model.predict_proba(clips), dtype=np.float64)
    if raw.shape != (len(clips), len(card.labels)) or not np.isfinite(raw).all():
        raise WeightsError("what it gives are no probabilities.")
    return calibration.calibrated(raw, card.temperature).round(DECIMALS)


def _check_enrolment(plugin: Plugin, files: Sequence[Path]) -> None:
    """PluginError where the model takes clips of the speaker and there are none, or the other way round."""
    if bool(files) != bool(plugin.enrolment):
        raise PluginError(
            f"{plugin.info.name} is given other clips of the speaker. Name some with --enrolment."
            if plugin.enrolment
            else f"{plugin.info.name} takes no --enrolment; one that does is called NAME@K, such as NAME@5."
        )


def _given(files: Sequence[Path], features: Stack) -> Given:
    """With these clips of the speaker beside a file's, but never itself."""
    if not files:
        return _alone
    waves = [reader.decode(reader.load(path)) for path in files]
    speaker = dict(zip(map(Path.resolve, files), feature_store.clips(features, waves).inputs, strict=True))

    def given(path: Path, clips: ClipBatch) -> ClipBatch:
        others = [clip for other, clip in speaker.items() if other != path.resolve()]
        return replace(clips, enrolment=[others])

    return given


def _alone(_path: Path, clips: ClipBatch) -> ClipBatch:
    return clips


def _of_file(path: Path, model: Model, card: Card, features: Stack, given: Given = _alone) -> Prediction:
    try:
        sound = reader.decode(reader.load(path))
    except DataError as error:
        return Prediction(file=path, problem=str(error))
    seconds = len(sound) / reader.RATE
    used = max(front_ends.used(each, seconds) for each in features)
    try:
        with warnings.catch_warnings(record=True) as doubts:
            warnings.simplefilter("always")
            clips = given(path, feature_store.clips(features, [sound]))
        [row] = probabilities(model, card, clips)
    except Exception as error:  # of a front end or a model, which may have met no such clip
        own = str(error) if isinstance(error, UnheardError) else f"{type(error).__name__}: {error}"
        why = f"{card.model.name} fails on it: {own}"
        return Prediction(file=path, seconds=seconds, seconds_used=used, problem=why)
    return Prediction(
        file=path,
        label=card.labels[row.argmax()],
        probabilities=dict(zip(card.labels, row.tolist(), strict=True)),
        seconds=seconds,
        seconds_used=used,
        notes=(*_notes(sound, used, card, cropped=used == features[0].seconds), *_words(doubts)),
    )


def _words(doubts: Sequence[warnings.WarningMessage]) -> Iterator[str]:
    """What the front ends doubt, such as functionals of a clip that is too short for them."""
    return (str(doubt.message) for doubt in doubts if doubt.category is UserWarning)


def _notes(sound: np.ndarray, used: float, card: Card, *, cropped: bool) -> list[str]:
    seconds, (shortest, longest) = len(sound) / reader.RATE, card.seconds or (0.0, np.inf)
    only = f"the middle {used:g} s only" if cropped else f"{used:.1f} s of it only"
    found = {
        "silent": level.silent(sound),
        f"shorter than any training clip ({shortest:.1f} s)": seconds < shortest,
        f"longer than any training clip ({longest:.1f} s)": seconds > longest,
        only: used < seconds,
    }
    return [words for words, holds in found.items() if holds]
