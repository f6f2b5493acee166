"""The contract, second version: what a model implements, and what it is given.

A plugin imports this file and torch or scikit-learn, nothing else of ours.

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

VERSION = 2
ENROLMENT = ("5", "10", "20", "all")  # clips of its speaker that a model run as NAME@K is given with each
RENAMED = {"Clips": "ClipBatch", "Change": "Augmentation"}  # what the first version called them


def __getattr__(name: str) -> Any:
    """ImportError with the new word, where a plugin asks for one of the first version's."""
    if name in RENAMED:
        raise ImportError(
            f"protocols.contract.{name} is now called {RENAMED[name]} (contract, version {VERSION})"
        )
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@dataclass(frozen=True, kw_only=True)
class Info:
    """What a model declares of itself, as records and pages show it.

    The engine obeys `cheap`, `needs`, `extra`, `macs`, `weights`, `stackable`, `enrolment` and `fit_minutes`;
    `check` tries `deterministic` and measures `memory`.
    """

    name: str  # lower case with hyphens; unique
    version: str  # a new one whenever its predictions may change
    title: str
    summary: str
    paper: str = ""  # citation, with an address
    licence: str = ""
    pretraining: tuple[str, ...] = ()  # outside data that its weights were trained on; () = scratch
    transductive: bool = False  # uses statistics over several test clips, in other ways than `enrolment`
    deterministic: bool = False  # a fit is the same whatever the seed, which then decides the search alone
    cheap: bool = False  # part of the suite `quick`
    needs: Mapping[str, str] = field(default_factory=dict)  # e.g. {"teacher": "vit-teacher"}
    extra: str = ""  # the optional extra of `unheard` that it cannot run without
    memory: int = 2048  # MiB at most while fitting one fold
    macs: int | None = None  # multiply-adds for 3 s of speech, only where the engine cannot count: marked so
    weights: tuple[str, ...] = ()  # files that it reads, by path from its own file: a part of its digest
    stackable: bool = True  # whether several of its networks may be trained as one batched program
    enrolment: Literal["none", "normalise", "own"] = "none"  # what is done with clips of a speaker: ClipBatch
    fit_minutes: float | None = None  # that one fit may take at most; None = as long as it needs


@dataclass(frozen=True)
class Augmentation:
    """One way to alter a training clip, by an amount drawn evenly from `low` to `high`, or not at all.

    On the waveform (`Features.augmentation`): "noise" (white; signal-to-noise ratio in dB), "gain" (dB),
    "time-shift" (seconds), "speed" (factor: tempo and pitch), "pitch" (semitones), "vocal-tract" (factor on
    the formants). On features (`Recipe.augmentation`): "time-mask" (share of the frames), "band-mask" and
    "band-shift" (bands).
    """

    kind: str
    low: float
    high: float
    probability: float = 1.0  # of its being applied
    copies: tuple[int, ...] = ()  # of a waveform's: the copies that it alters, from 1 on; () = all


@dataclass(frozen=True, kw_only=True)
class Features:
    """A front end as data: what the engine computes once from 16 kHz mono audio, and caches.

    `seconds` is the length policy. None: clips are as long as they are, and `ClipBatch.batch` pads them.
    A number: longer clips are cropped to their middle, shorter ones padded with zeros at the end.

    With `copies`, so many augmented copies of each training clip are computed and cached beside the clip;
    each goes through all of `augmentation` that is meant for it, in that order. `Recipe.copies` says how an
    epoch uses them.
    """

    front_end: str  # one of benchmark.features.front_ends
    options: Mapping[str, int | float | str | bool] = field(default_factory=dict)  # likewise
    functionals: tuple[Literal["mean", "std", "min", "max"], ...] = ()  # over time; a clip becomes one frame
    seconds: float | None = None
    level: Literal["kept", "removed"] = "kept"  # of the clip; it costs nothing, so it may be searched
    copies: int = 0
    augmentation: tuple[Augmentation, ...] = ()


@dataclass(frozen=True)
class ClipBatch:
    """Clips that a model is given. `inputs[i]` is (frames, channels), float32 and read-only.

    Of several front ends, those with the same hop are stacked: their channels stand side by side in
    `inputs`, in the order in which `features` names them. The others come in `beside`, each like `inputs`.

    Each part that a model is given is a copy of just its clips. The order of test clips tells nothing.

    A model that is run as NAME@K has K other clips of the speaker beside each clip, drawn by seed: "5", "10",
    "20" or "all" (fewer, where there are fewer), without labels. With `Info.enrolment` "own" they come in
    `enrolment`, each like a clip of `inputs`, first those of each clip, then of each copy, for which they are
    drawn anew: those of the k-th copy of clip i are number k n + i. With "normalise" the engine normalises
    all that it gives by their mean and deviation, and `enrolment` stays None, as where no K is named.
    """

    inputs: Sequence[np.ndarray]
    labels: np.ndarray | None = None  # (n,) int64, None on test
    speakers: np.ndarray | None = None  # (n,) int64, None on test
    frames: int | None = None  # every batch has so many frames; None = as many as its longest clip
    copies: Sequence[Sequence[np.ndarray]] = ()  # augmented copies of `inputs`, in training only
    beside: tuple[Sequence[np.ndarray], ...] = ()  # of front ends with another hop
    enrolment: Sequence[Sequence[np.ndarray]] | None = None  # of each clip, other clips of its speaker

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
        copies: Sequence[int] | np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Clips `rows` (default all), zero-padded: (b, frames, channels) float32, and lengths (b,) int64.

        `copies` (b,) chooses for each row the clip itself (0) or its k-th augmented copy.
        """
        rows = range(len(self)) if rows is None else rows
        copies = np.zeros(len(rows), dtype=np.int64) if copies is None else copies
        sources = (self.inputs, *self.copies)
        clips = [sources[copy][row] for row, copy in zip(rows, copies, strict=True)]
        lengths = np.array([len(clip) for clip in clips], dtype=np.int64)
        shape = (len(clips), self.frames or int(lengths.max()), clips[0].shape[1])
        padded = np.zeros(shape, dtype=np.float32)
        for row, clip in zip(padded, clips, strict=True):
            row[: len(clip)] = clip
        return padded, lengths


@dataclass(frozen=True)
class FitInfo:
    """What a fit returns: the epochs after which it ended, and its curves, one number an epoch.

    Where there was validation, a model with epochs also gives what it predicted for those clips after each
    epoch: the engine scores all inner folds at one epoch that they share. Values that are not finite say that
    an epoch cannot be chosen.
    """

    epochs: int | None = None  # None without epochs
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict)
    probabilities: np.ndarray | None = field(default=None, compare=False)  # (epochs, n, n_classes)


Report = Callable[[int, float], None]  # (epoch, validation UAR); for who fits by hand: the engine gives none


class Declaration:
    """What every model declares."""

    info: ClassVar[Info]
    defaults: ClassVar[Params] = {}  # trial 0: the paper's own setting
    variants: ClassVar[Mapping[str, Params]] = {}  # name -> the defaults that differ; run as NAME~VARIANT

    @staticmethod
    def features(params: Params) -> Features | Sequence[Features]:
        """The front end that this model wants with these parameters, or several.

        A searched parameter may change only what costs nothing: `level`.
        """
        raise NotImplementedError

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:  # noqa: ARG004
        """Ask `trial` for the parameters that are searched, as Optuna does; {} = nothing to search.

        A parameter may exist only under some choices of a categorical one: it is asked for in that branch
        and keeps its default in the others.
        """
        return {}


@runtime_checkable
class Model(Protocol):
    """A model with its own training. Subclass `Declaration` and add these.

    `device` is a name as torch has it: "cpu", "cuda:1", "mps". A model may also offer `state()`, a dict of
    arrays, and `load_state(state)`: then the engine can keep it.
    """

    def __init__(self, n_classes: int, *, seed: int, device: str, **params: Any) -> None: ...

    def fit(
        self,
        train: ClipBatch,
        validation: ClipBatch | None = None,
        *,
        epochs: int | None = None,
        report: Report | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> FitInfo:
        """Fit on `train`, with `epochs` for exactly so many.

        With `validation`, in a search, a model with epochs trains for at most `epochs` and gives the
        probabilities of those clips after each. One that gives none, and keeps the epoch that validates best,
        is fitted again for the median of the epochs that it kept on the inner folds.

        `context["teacher"]` is the fitted teacher of a model that needs one.
        """

    def predict_proba(self, clips: ClipBatch) -> np.ndarray:
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
        train: ClipBatch,
        validation: ClipBatch | None = None,  # noqa: ARG002
        *,
        epochs: int | None = None,  # noqa: ARG002
        report: Report | None = None,  # noqa: ARG002
        context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> FitInfo:
        self.fitted.fit(_flat(train), train.labels)
        return FitInfo()

    def predict_proba(self, clips: ClipBatch) -> np.ndarray:
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


def _flat(clips: ClipBatch) -> np.ndarray:
    x, _ = clips.batch()  # (n, frames, channels)
    return x.reshape(len(x), -1)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How the engine trains a `TorchModel`."""

    epochs: int = 40  # at most: the last fit trains for the one that is best on the inner folds together
    batch_size: int = 32
    optimiser: Literal["adam", "adamw"] = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    betas: tuple[float, float] = (0.9, 0.999)  # of Adam's moments; "one-cycle" moves the first one itself
    schedule: Literal["constant", "cosine", "one-cycle"] = "cosine"
    label_smoothing: float = 0.0
    class_weights: bool = True  # inversely to a class's frequency in training
    clip_norm: float | None = 1.0
    standardise: bool = True  # each channel, with mean and deviation of the training clips' frames
    copies: Literal["one", "all"] = "one"  # of each clip in an epoch: one of its copies, drawn, or every one
    augmentation: tuple[Augmentation, ...] = ()  # of features, drawn anew for every batch, on the device
    mixup: float = 0.0  # both parameters of the Beta distribution (Zhang et al., ICLR 2018); 0 = off
    ema: float = 0.0  # decay of the moving average of the weights over epochs, which then predicts; 0 = off
    distillation: float = 0.0  # weight of the L1 distance to the teacher's feature map; Info.needs["teacher"]
    distillation_epochs: int = 0  # at first, in which that distance is the only loss


class TorchModel(Declaration):
    """A network that the engine trains: declare `build` and, if the defaults do not fit, `recipe`."""

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> torch.nn.Module:
        """A module: x (b, frames, channels), lengths (b,) -> logits (b, n_classes).

        For feature-map distillation, student's and teacher's also have `embed(x, lengths)` -> (b, width) and
        `head`, with `forward` being `head(embed(x, lengths))`.
        """
        raise NotImplementedError

    @staticmethod
    def recipe(params: Params) -> Recipe:  # noqa: ARG004
        return Recipe()
