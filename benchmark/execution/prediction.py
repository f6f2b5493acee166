"""Predictions for any sound, by a final model that was fitted on all speakers of a corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from benchmark.audio import any_sound, microphone, quality, reader
from benchmark.corpora.file_index import Progress
from benchmark.execution import model_store, suites, time_course
from benchmark.execution.model_card import Card
from benchmark.execution.time_course import Window, Windows
from benchmark.features import feature_store, front_ends
from benchmark.features.stack import Stack
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from benchmark.records.schema import DECIMALS
from benchmark.scores import calibration
from protocols.contract import ClipBatch, Model
from protocols.errors import DataError, PluginError, UnheardError, WeightsError

MICROPHONE = Path("microphone")  # in the place of a file


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a model predicts for one file, or why it predicts nothing.

    `label` is the most probable one, `probabilities` has each label's, calibrated and rounded as in a record;
    of windows the mean over those that are not silent.
    """

    file: Path
    label: str = ""
    probabilities: dict[str, float] = field(default_factory=dict)
    seconds: float = 0.0
    seconds_used: float = 0.0  # of them, or of each window, that decide what the model is given
    notes: tuple[str, ...] = ()  # what makes the prediction doubtful
    problem: str = ""  # "" where there is a prediction
    course: tuple[Window, ...] = ()  # the windows, where they were asked for


def predict(
    model: str,
    files: Sequence[Path],
    *,
    corpus: str,
    enrolment: Sequence[Path] = (),
    windows: Windows | None = None,
    seconds: float | None = None,
    progress: Progress = lambda _done, _total: None,
) -> tuple[Card, list[Prediction]]:
    """What the model that `run --final` kept predicts for each of these files by itself, and its card.

    `model` is a name or a file. A folder stands for all audio files in it. `enrolment`: other clips of the
    speaker, for a model NAME@K. `windows`: also window by window, of recordings of up to an hour. `seconds`:
    at last of so many from the microphone. `progress` is called with (done, total) files.

    WeightsError, with the command that makes it, where none is kept; PluginError for a model that cannot run
    here; DataError for a clip of the speaker that cannot be read. A file that cannot be predicted has a
    `problem` and stops no other.
    """
    plugin, fitted_on = plugins.load(model), suites.ranking_protocol(corpus)
    if plugin.missing:
        raise PluginError(f"{model} cannot run here: {plugin.missing}")
    _check_enrolment(plugin, enrolment)
    card, fitted = model_store.load(plugin, fitted_on)
    features = plugin.features_with(card.params)
    asked = Asked(fitted, card, features, speaker=_speaker(enrolment, features), windows=windows)
    paths, found = any_sound.files(files), list[Prediction]()
    for path in paths:
        found.append(asked.about_file(path))
        progress(len(found), len(paths))
    if seconds is not None:
        found.append(asked.about(microphone.record(seconds), MICROPHONE))
    return card, found


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


def _speaker(files: Sequence[Path], features: Stack) -> dict[Path, np.ndarray]:
    """Clips of the speaker as a model is given them, by their resolved paths."""
    if not files:
        return {}
    waves = [reader.decode(reader.load(path)) for path in files]
    return dict(zip(map(Path.resolve, files), feature_store.clips(features, waves).inputs, strict=True))


@dataclass(frozen=True)
class Asked:
    """A fitted model, and how it is asked about sounds."""

    model: Model
    card: Card
    features: Stack
    _: KW_ONLY
    speaker: Mapping[Path, np.ndarray] = field(default_factory=dict)  # its other clips, for NAME@K
    windows: Windows | None = None  # None: about each sound as a whole

    def about_file(self, path: Path) -> Prediction:
        """What is predicted for a file, which is never among the clips of the speaker given with it."""
        try:
            sound = any_sound.read(path, recording=self.windows is not None)
        except DataError as error:
            return Prediction(file=path, problem=str(error))
        return self.about(sound, path)

    def about(self, sound: np.ndarray, path: Path) -> Prediction:
        """What is predicted for (samples,) from this file."""
        spans = self.windows.spans(len(sound)) if self.windows else [(0, len(sound))]
        length = (spans[0][1] - spans[0][0]) / reader.RATE
        used = max(front_ends.used(each, length) for each in self.features)
        no = Prediction(file=path, seconds=len(sound) / reader.RATE, seconds_used=used)
        ask: Callable[[ClipBatch], np.ndarray] = partial(self._ask, path)
        try:
            windows, doubts = time_course.of(sound, spans, ask=ask, card=self.card, features=self.features)
        except Exception as error:  # of a front end or a model, which may have met no such clip
            own = str(error) if isinstance(error, UnheardError) else f"{type(error).__name__}: {error}"
            return replace(no, problem=f"{self.card.model.name} fails on it: {own}")
        mean = time_course.average(windows)
        own_notes = time_course.doubts(windows, self.windows) if self.windows else windows[0].notes
        notes = (*quality.doubts(sound), *self._lengths(length, used), *own_notes, *doubts)
        return replace(
            no,
            label=max(mean, key=mean.__getitem__),
            probabilities=mean,
            notes=tuple(dict.fromkeys(notes)),
            course=tuple(windows) if self.windows else (),
        )

    def _ask(self, path: Path, clips: ClipBatch) -> np.ndarray:
        if self.speaker:
            others = [clip for other, clip in self.speaker.items() if other != path.resolve()]
            clips = replace(clips, enrolment=[others] * len(clips))
        return probabilities(self.model, self.card, clips)

    def _lengths(self, seconds: float, used: float) -> Iterator[str]:
        """What is odd about the length of a clip or window, and what of it is left out."""
        shortest, longest = self.card.seconds or (0.0, np.inf)
        if seconds < shortest:
            yield f"shorter than any training clip ({shortest:.1f} s)"
        if seconds > longest:
            yield f"longer than any training clip ({longest:.1f} s)"
        if used < seconds:
            each = " of each window" if self.windows else ""
            cropped = used == self.features[0].seconds
            yield f"the middle {used:g} s{each} only" if cropped else f"{used:.1f} s{each or ' of it'} only"
