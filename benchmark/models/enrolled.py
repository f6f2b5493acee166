"""A model whose clips are normalised by other clips of their speakers: `Info.enrolment` is "normalise".

PRIOR was chosen on inner validation. There the UAR (of all inner folds, at the models' own settings, the mean
over three seeds' draws, on derived copies of the corpora) is

                              SAVEE    EMOVO    EMO-DB    RAVDESS
    functionals-lda            48.0     40.9      82.8       68.0
    functionals-lda@5          54.6     44.0      83.2       69.9
    functionals-lda@10         56.3     46.2      85.2       70.9
    functionals-lda@20         57.7     47.5      86.9       72.5
    functionals-lda@all        58.6     48.7      87.8       73.8
    mfcc-logreg                32.4     26.8      65.1       42.1
    mfcc-logreg@5              38.6     30.6      68.2       47.1
    mfcc-logreg@10             40.5     33.3      71.0       49.9
    mfcc-logreg@20             42.1     35.2      73.5       50.4
    mfcc-logreg@all            41.8     36.4      75.4       51.8

and by one draw functionals-lqda-3x goes from 54.3 on SAVEE and 43.8 on EMOVO to 59.4 and 45.2 with 5 clips,
to 64.8 and 50.1 with all.

With K = 5 on SAVEE one draw for a training clip and all its copies, rather than one each, takes off two
points; a PRIOR of 5 takes off one (and adds one on EMO-DB), of 8 two. One for each channel, by how far voices
differ in it, takes off ten: two training voices do not show that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from protocols.contract import ClipBatch, FitInfo

PRIOR = 2  # clips that training counts as, beside the speaker's own; chosen on inner validation
ROUNDING = 1e-12  # of a mean square: a variance below is none
AT_ONCE = 256  # clips: the sums of all their speakers' clips are in memory together
STATE = ("enrolment/mean", "enrolment/variance")  # what is kept beside the model's own arrays

Groups = Sequence[Sequence[np.ndarray]]  # of each clip, clips of its speaker: (frames, channels)


class Enrolled:
    """A `Model` around another one; whatever else is asked of it is the other one's.

    Mean and deviation of each channel over the frames of the speaker's clips are taken off a clip. They are
    drawn towards those of the training clips, since few clips say little of a voice, and next to nothing of
    how it varies where each is one frame: K clips count as K, training as PRIOR (the relevance factor of
    D. A. Reynolds et al.: Speaker Verification Using Adapted Gaussian Mixture Models. Digital Signal
    Processing 10, 2000, section 3.2). What comes without clips of the speaker stays as it is.
    """

    mean: np.ndarray  # (channels,), over the frames of all training clips
    variance: np.ndarray

    def __init__(self, model: Any) -> None:
        self.model = model

    def __getattr__(self, name: str) -> Any:
        return getattr(self.model, name)

    def fit(self, train: ClipBatch, validation: ClipBatch | None = None, **more: Any) -> FitInfo:
        given = self._fitted(train)
        info: FitInfo = self.model.fit(given, validation and self.normalised(validation), **more)
        return info

    def begin(self, train: ClipBatch, **more: Any) -> Any:
        """As `benchmark.training.trainer.Trainer.begin` has it."""
        training = self.model.begin(self._fitted(train), **more)
        training.predict = self.predict_proba
        return training

    def predict_proba(self, clips: ClipBatch) -> np.ndarray:
        probabilities: np.ndarray = self.model.predict_proba(self.normalised(clips))
        return probabilities

    @property
    def state(self) -> Callable[[], dict[str, np.ndarray]]:
        """AttributeError where the model has none, as of the model."""
        own = self.model.state
        return lambda: {**own(), **dict(zip(STATE, (self.mean, self.variance), strict=True))}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        self.mean, self.variance = (state[name] for name in STATE)
        self.model.load_state({name: array for name, array in state.items() if name not in STATE})

    def normalised(self, clips: ClipBatch) -> ClipBatch:
        """These clips and their copies as the model is given them, without `enrolment`."""
        if clips.enrolment is None:
            return clips
        speakers, sources = clips.enrolment, (clips.inputs, *clips.copies)
        blocks = (speakers[start : start + AT_ONCE] for start in range(0, len(speakers), AT_ONCE))
        scales = (scale for block in blocks for scale in self._scales(block))  # of the clips, then the copies
        inputs, *copies = (
            tuple(_scaled(clip, *scale) for clip, scale in zip(source, scales, strict=False))
            for source in sources
        )
        return replace(clips, inputs=inputs, copies=copies, enrolment=None)

    def _fitted(self, train: ClipBatch) -> ClipBatch:
        [self.mean], [self.variance] = _moments([train.inputs], channels=train.inputs[0].shape[1])
        return self.normalised(train)

    def _scales(self, speakers: Groups) -> list[tuple[np.ndarray, np.ndarray]]:
        """The mean and the deviation of each clip's normalisation, (channels,) each."""
        share = np.array([[len(clips) / (len(clips) + PRIOR)] for clips in speakers])
        mean, variance = _moments(speakers, channels=len(self.mean))
        variance = share * variance + (1 - share) * self.variance
        deviation = np.sqrt(np.where(variance > 1e-10, variance, 1.0))  # a constant channel stays as it is
        return list(zip(share * mean + (1 - share) * self.mean, deviation, strict=True))


def _moments(groups: Groups, *, channels: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance over the frames of the clips of each group, 0 of none: (groups, channels) each."""
    distinct = {id(clip): clip for group in groups for clip in group}
    places = {each: place for place, each in enumerate(distinct)}
    member = np.zeros((len(groups), len(distinct)))
    for row, group in zip(member, groups, strict=True):
        row[[places[id(clip)] for clip in group]] = 1
    sums = np.zeros((len(distinct), 1 + 2 * channels))  # the frames of each clip, their sum, that of squares
    for row, clip in zip(sums, distinct.values(), strict=True):
        row[0], row[1 : channels + 1] = len(clip), clip.sum(axis=0, dtype=np.float64)
        row[channels + 1 :] = np.square(clip, dtype=np.float64).sum(axis=0)
    found = member @ sums
    mean, square = np.split(found[:, 1:] / np.maximum(found[:, :1], 1), 2, axis=1)
    variance = square - mean**2
    return mean, np.where(variance > ROUNDING * square, variance, 0)


def _scaled(clip: np.ndarray, mean: np.ndarray, deviation: np.ndarray) -> np.ndarray:
    scaled = ((clip - mean) / deviation).astype(np.float32)
    scaled.flags.writeable = False
    return scaled
