"""What a model implements, and what it is given. A plugin imports this file and torch or scikit-learn.

There are three ways to write a model, from least to most of your own code:

- `SklearnModel`: give `estimator`; it is fitted on the clips' features, flattened.
- `TorchModel`: give `build` and `recipe`; the engine's trainer trains the network.
- `Model`: give `fit` and `predict_proba`.

All three declare `info`, `defaults`, `features` and `space`. Arrays are all that a model ever sees: no path,
no clip name, and on test neither labels nor speakers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    import optuna
    import torch

Params = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Info:
    """What a model says of itself, as records and pages show it.

    The engine obeys `deterministic`, `cheap`, `needs`, `extra`, `multiply_adds`; `check` measures `memory`.
    """

    name: str  # lower case with hyphens; unique
    version: str  # a new one whenever its predictions may change
    title: str
    summary: str
    paper: str = ""  # citation, with an address
    licence: str = ""
    pretraining: tuple[str, ...] = ()  # outside data that its weights have heard; () = from scratch
    transductive: bool = False  # uses statistics over several test clips
    deterministic: bool = False  # the same whatever the seed: one seed is enough
    cheap: bool = False  # part of the suite `quick`
    needs: Mapping[str, str] = field(default_factory=dict)  # e.g. {"teacher": "vit-teacher"}
    extra: str = ""  # the optional extra of `unheard` that it cannot run without
    memory: int = 2048  # MiB at most while fitting one fold
    multiply_adds: int | None = None  # of 3 s of speech, only where the engine cannot count them: marked so


@dataclass(frozen=True)
class Change:
    """One way to alter a train clip, by an amount drawn evenly from `low` to `high`, or not at all.

    On the wave (`Features.changes`): "noise" (white; signal-to-noise ratio in dB), "gain" (dB), "time-shift"
    (seconds), "speed" (factor: tempo and pitch), "pitch" (semitones), "vocal-tract" (factor on the formants).
    On features (`Recipe.changes`): "time-mask" (share of the frames), "band-mask" and "band-shift" (bands).
    """

    kind: str
    low: float
    high: float
    chance: float = 1.0  # that it is done at all


@dataclass(frozen=True, kw_only=True)
class Features:
    """A front end as data: what the engine computes once from 16 kHz mono audio, and caches.

    `seconds` is the length policy. None: clips are as long as they are, and `Clips.batch` pads them.
    A number: longer clips are cropped to their middle, shorter ones padded with zeros at the end.

    With `views`, so many altered copies of each train clip are computed and cached beside the clip itself;
    each goes through all `changes`, in their order.
    """

    front_end: str  # one of benchmark.features.front_ends
    options: Mapping[str, int | float | str | bool] = field(default_factory=dict)  # likewise
    functionals: tuple[Literal["mean", "std", "min", "max"], ...] = ()  # over time; a clip becomes one frame
    seconds: float | None = None
    views: int = 0
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Clips:
    """Clips that a model is given. `inputs[i]` is (frames, channels), float32 and read-only.

    Inputs may be memory-mapped: index or `batch` them rather than copying all.
    """

    inputs: Sequence[np.ndarray]
    labels: np.ndarray | None = None  # (n,) int64, None on test
    speakers: np.ndarray | None = None  # (n,) int64, None on test
    frames: int | None = None  # every batch has so many frames; None = as many as its longest clip
    views: Sequence[Sequence[np.ndarray]] = ()  # altered copies of `inputs`, in train only

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def lengths(self) -> np.ndarray:
        """Frames of each clip before padding, (n,) int64."""
        return np.array([len(clip) for clip in self.inputs], dtype=np.int64)

    def batch(
        self,
        rows: Sequence[int] | np.ndarray | None = None,
        *,
        views: Sequence[int] | np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Clips `rows` (default all), zero-padded: (b, frames, channels) float32, and lengths (b,) int64.

        `views` (b,) chooses for each row the clip itself (0) or its k-th altered copy.
        """
        rows = range(len(self)) if rows is None else rows
        views = np.zeros(len(rows), dtype=np.int64) if views is None else views
        sources = (self.inputs, *self.views)
        clips = [sources[view][row] for row, view in zip(rows, views, strict=True)]
        lengths = np.array([len(clip) for clip in clips], dtype=np.int64)
        shape = (len(clips), self.frames or int(lengths.max()), clips[0].shape[1])
        padded = np.zeros(shape, dtype=np.float32)
        for row, clip in zip(padded, clips, strict=True):
            row[: len(clip)] = clip
        return padded, lengths


@dataclass(frozen=True)
class FitInfo:
    """What a fit says: the epoch it kept (None if it has no epochs), and its curves, one number an epoch."""

    epochs: int | None = None
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict)


Report = Callable[[int, float], None]  # (epoch, valid UAR); for who fits by hand: the engine gives none


class Declaration:
    """What every model declares."""

    info: ClassVar[Info]
    defaults: ClassVar[Params] = {}  # trial 0: the paper's own setting

    @staticmethod
    def features(params: Params) -> Features:
        """The front end that this model wants with these parameters."""
        raise NotImplementedError

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:  # noqa: ARG004
        """Ask `trial` for the parameters that are searched, as Optuna does; {} = nothing to search."""
        return {}


@runtime_checkable
class Model(Protocol):
    """A model with its own training. Subclass `Declaration` and add these."""

    def __init__(self, n_classes: int, *, seed: int, device: str, **params: Any) -> None: ...

    def fit(
        self,
        train: Clips,
        valid: Clips | None = None,
        *,
        epochs: int | None = None,
        report: Report | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> FitInfo:
        """Fit on `train`. With `valid` keep the best epoch; with `epochs` train for exactly so many."""

    def predict_proba(self, clips: Clips) -> np.ndarray:
        """(n, n_classes), rows sum to 1. One clip's answer must not depend on the others'."""


class SklearnModel(Declaration):
    """A scikit-learn estimator as a model: declare `estimator`, that is all."""

    @staticmethod
    def estimator(params: Params, *, seed: int) -> Any:
        """An unfitted classifier with `predict_proba` or `decision_function`."""
        raise NotImplementedError

    def __init__(self, n_classes: int, *, seed: int, device: str = "cpu", **params: Any) -> None:  # noqa: ARG002
        self.n_classes = n_classes
        self.fitted = self.estimator(params, seed=seed)

    def fit(
        self,
        train: Clips,
        valid: Clips | None = None,  # noqa: ARG002
        *,
        epochs: int | None = None,  # noqa: ARG002
        report: Report | None = None,  # noqa: ARG002
        context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> FitInfo:
        self.fitted.fit(_flat(train), train.labels)
        return FitInfo()

    def predict_proba(self, clips: Clips) -> np.ndarray:
        x = _flat(clips)
        if hasattr(self.fitted, "predict_proba"):
            known = self.fitted.predict_proba(x)
        else:  # a margin, one column a class: softmax, whose temperature the engine fits
            margins = self.fitted.decision_function(x)
            if margins.ndim == 1:  # two classes: scikit-learn gives the second one's margin
                margins = np.stack([-margins, margins], axis=1) / 2
            known = np.exp(margins - margins.max(axis=1, keepdims=True))
            known /= known.sum(axis=1, keepdims=True)
        probabilities = np.zeros((len(clips), self.n_classes))
        probabilities[:, self.fitted.classes_] = known  # a class that train lacks keeps 0
        return probabilities

    def state(self) -> dict[str, np.ndarray]:
        """The fitted estimator as bytes of skops, which unlike a pickle runs nothing when it is read."""
        import skops.io

        return {"estimator": np.frombuffer(skops.io.dumps(self.fitted), dtype=np.uint8)}

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Be the model that gave this state; refused where it holds types that are not scikit-learn's."""
        import skops.io

        self.fitted = skops.io.loads(state["estimator"].tobytes(), trusted=[])


def _flat(clips: Clips) -> np.ndarray:
    x, _ = clips.batch()  # (n, frames, channels)
    return x.reshape(len(x), -1)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the engine trains a `TorchModel`."""

    epochs: int = 40  # at most; the best by inner valid is kept
    batch_size: int = 32
    optimiser: Literal["adam", "adamw"] = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    schedule: Literal["constant", "cosine", "one-cycle"] = "cosine"
    label_smoothing: float = 0.0
    class_weights: bool = True  # inversely to a class's frequency in train
    clip_norm: float | None = 1.0
    standardise: bool = True  # each channel, with mean and deviation of the train clips' frames
    changes: tuple[Change, ...] = ()  # to features, drawn anew for every batch, on the device
    mixup: float = 0.0  # both parameters of the Beta distribution (Zhang et al., ICLR 2018); 0 = off
    matching: float = 0.0  # weight of the L1 distance to the teacher's `embed`; needs Info.needs["teacher"]
    matching_epochs: int = 0  # at first, in which that distance is the only loss


class TorchModel(Declaration):
    """A network that the engine trains: declare `build` and, if the defaults do not fit, `recipe`."""

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> torch.nn.Module:
        """A module: x (b, frames, channels), lengths (b,) -> logits (b, n_classes).

        For feature map matching, student's and teacher's also have `embed(x, lengths)` -> (b, width) and
        `head`, with `forward` being `head(embed(x, lengths))`.
        """
        raise NotImplementedError

    @staticmethod
    def recipe(params: Params) -> Recipe:  # noqa: ARG004
        return Recipe()
