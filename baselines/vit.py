"""A vision transformer on vertical patches of a log-Mel spectrogram: teacher, student, student alone.

Kim and Lee, IEEE Access 2024, arXiv 2403.17327; what the paper leaves open is read from its public code
(github.com/kjy7567/speech_emotion_recognition_from_log_Mel_spectrogram_using_vertically_long_patch).
A patch is one frame with all its bands. The teacher looks at the image through convolutions and is given
each pixel's position; the student sees frames whose order it cannot know, and learns to give the teacher's
features.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import optuna
import torch
from torch import nn
from torch.nn import functional

from protocols.contract import Augmentation, Features, Info, Params, Recipe, TorchModel

WIDTH, HEADS, HEAD_WIDTH = 256, 5, 64
FRAMES, SQUARE = 128, 16  # of a clip; the side of a square patch
PAPER = "Kim and Lee, IEEE Access 12 (2024), https://arxiv.org/abs/2403.17327"


class _Vit(TorchModel):
    """What the three share: front end, optimiser, and what is searched.

    The paper names neither optimiser nor learning rate nor batch size: Adam at 1e-4 with a weight decay of
    1e-3 is what a replication used. It alters clips by noise, time shift and speed, and the sizes of its test
    sets tell that it has four rows a clip: the clip and one of each, as we take it. By how much they are
    altered it does not say: the amounts are ours.

    The public code reads one channel of images, whose pixels are from 0 to 1. How they were drawn it does not
    say; as drawing libraries do by default, each clip's lowest level is 0 here and its highest 1.
    """

    defaults = {"learning_rate": 1e-4, "weight_decay": 1e-3, "patch": "vertical", "positions": False}
    variants = {"square-patches": {"patch": "square"}}

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(
            front_end="log-mel",
            options={
                **{"n_fft": 1024, "window": 512, "hop": 64, "n_mels": 128, "hamming": True},
                **{"seconds": 4.0, "resize": FRAMES},
            },
            copies=3,
            augmentation=(
                Augmentation("noise", 10, 30, copies=(1,)),
                Augmentation("time-shift", -0.3, 0.3, copies=(2,)),
                Augmentation("speed", 0.9, 1.1, copies=(3,)),
            ),
        )

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 3e-5, 1e-3, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-5, 1e-1, log=True),
        }

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:
        return Student(n_classes, channels, patch=params["patch"], positions=params["positions"])

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return Recipe(
            epochs=100,
            optimiser="adam",
            learning_rate=params["learning_rate"],
            weight_decay=params["weight_decay"],
            schedule="constant",
            class_weights=False,
            standardise=False,
            copies="all",
        )


class VitTeacher(_Vit):
    info = Info(
        name="vit-teacher",
        version="2",
        title="ViT teacher",
        summary=(
            "Convolutional stem and pixel coordinates, then a transformer of six layers over 128 frames, on "
            "four rows a clip: as it is, with noise, shifted in time, at another speed. By how much clips "
            "are altered, and how levels become pixels from 0 to 1, the paper leaves open."
        ),
        paper=PAPER,
        licence="Apache-2.0",
        memory=6144,
    )
    defaults = {**_Vit.defaults, "coordinates": True, "stem": True}
    variants = {
        **_Vit.variants,
        "no-coordinates": {"coordinates": False},
        "no-stem": {"stem": False},
    }

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:
        network = {name: params[name] for name in ("patch", "positions", "coordinates", "stem")}
        return Teacher(n_classes, channels, **network)

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return replace(_Vit.recipe(params), epochs=50)


class VitStudent(_Vit):
    """50 epochs of feature-map distillation alone, then 50 of cross-entropy and `distillation` times it."""

    info = Info(
        name="vit-student",
        version="2",
        title="ViT student",
        summary="A transformer of three layers without positions, taught to give its teacher's features.",
        paper=PAPER,
        licence="Apache-2.0",
        needs={"teacher": "vit-teacher"},
        memory=6144,
    )
    defaults = {**_Vit.defaults, "matching": 1.0}
    variants = {**_Vit.variants, "learned-positions": {"positions": True}}

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {**_Vit.space(trial), "matching": trial.suggest_float("matching", 0.1, 10.0, log=True)}

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return replace(_Vit.recipe(params), distillation=params["matching"], distillation_epochs=50)


class VitStudentAlone(_Vit):
    info = Info(
        name="vit-student-alone",
        version="2",
        title="ViT student without a teacher",
        summary="The student's network trained by cross-entropy alone, for as many epochs.",
        paper=PAPER,
        licence="Apache-2.0",
    )
    variants = VitStudent.variants


class Student(nn.Module):
    """x (b, frames, bands), lengths (b,) -> logits (b, n_classes). The frames' order makes no difference.

    Every clip has all its frames, since the front end brings each to FRAMES: `lengths` says nothing new. One
    variant has square patches, another learns a position for each patch.
    """

    def __init__(
        self, n_classes: int, bands: int, *, patch: str = "vertical", positions: bool = False
    ) -> None:
        super().__init__()
        self.patch = height, width = (SQUARE, SQUARE) if patch == "square" else (bands, 1)
        self.area = height * width
        self.positions = (bands // height) * (FRAMES // width) if positions else 0
        self.encoder = Encoder(self.area, depth=3, positions=self.positions)
        self.head = nn.Linear(WIDTH, n_classes)

    def embed(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        image = pixels(x).transpose(1, 2)[:, None]  # (b, 1, bands, frames): height, width
        return self.encoder(patches(image, self.patch))  # (b, WIDTH)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return self.head(self.embed(x, lengths))


class Teacher(Student):
    """The same behind a convolutional stem at full resolution, and with coordinates; variants lack one."""

    def __init__(
        self, n_classes: int, bands: int, *, coordinates: bool = True, stem: bool = True, **tokens: Any
    ) -> None:
        super().__init__(n_classes, bands, **tokens)
        self.coordinates = coordinates
        self.stem = nn.Sequential(
            *(
                nn.Sequential(nn.Conv2d(before, after, 3, padding=1), nn.InstanceNorm2d(after), nn.GELU())
                for before, after in pairwise([1, 16, 32, 64, 32, 16, 1] if stem else [1])
            )
        )
        channels = 3 if coordinates else 1
        self.encoder = Encoder(channels * self.area, depth=6, positions=self.positions)

    def embed(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        image = self.stem(pixels(x).transpose(1, 2)[:, None])  # (b, 1, bands, frames)
        image = with_coordinates(image) if self.coordinates else image  # (b, 3 or 1, bands, frames)
        return self.encoder(patches(image, self.patch))  # (b, WIDTH)


def pixels(x: torch.Tensor) -> torch.Tensor:
    """(b, frames, bands) -> the same, each clip's lowest level at 0 and its highest at 1; silence at 0."""
    lowest, highest = x.amin(dim=(1, 2), keepdim=True), x.amax(dim=(1, 2), keepdim=True)
    return (x - lowest) / (highest - lowest).clamp(min=1e-6)


def with_coordinates(image: torch.Tensor) -> torch.Tensor:
    """(b, c, height, width) -> (b, c + 2, height, width): each pixel's x and y, in [-1, 1], are added.

    x runs along the width. The paper's public code scales x by the height and y by the width, which is the
    same on its square images alone.
    """
    b, _, height, width = image.shape
    x = torch.linspace(-1, 1, width, device=image.device).expand(b, 1, height, width)
    y = torch.linspace(-1, 1, height, device=image.device)[:, None].expand(b, 1, height, width)
    return torch.cat([image, x, y], dim=1)


def patches(image: torch.Tensor, size: tuple[int, int]) -> torch.Tensor:
    """(b, c, bands, frames) -> (b, patches, c * height * width): patches of this size, side by side."""
    height, width = size
    x = image.unflatten(3, (-1, width)).unflatten(2, (-1, height))  # (b, c, rows, height, columns, width)
    return x.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)


class Encoder(nn.Module):
    """Pre-norm transformer: (b, tokens, patch) -> the class token's feature (b, WIDTH).

    It knows no order, unless it learns the position of each of so many tokens.
    """

    def __init__(self, patch: int, *, depth: int, positions: int = 0) -> None:
        super().__init__()
        self.patch = nn.Sequential(nn.LayerNorm(patch), nn.Linear(patch, WIDTH), nn.LayerNorm(WIDTH))
        self.token = nn.Parameter(torch.randn(1, 1, WIDTH))
        self.layers = nn.Sequential(*(Layer() for _ in range(depth)))
        self.norm = nn.LayerNorm(WIDTH)
        self.positions = nn.Parameter(torch.randn(1, positions, WIDTH)) if positions else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.patch(x)  # (b, tokens, WIDTH)
        x = x if self.positions is None else x + self.positions
        x = torch.cat([self.token.expand(len(x), 1, WIDTH), x], dim=1)  # (b, 1 + tokens, WIDTH)
        x = self.layers(x)
        return self.norm(x[:, 0])


class Layer(nn.Module):
    """Attention and MLP, each behind a norm and beside a shortcut: (b, tokens, WIDTH) -> the same."""

    def __init__(self) -> None:
        super().__init__()
        inner = HEADS * HEAD_WIDTH
        self.norm = nn.LayerNorm(WIDTH)
        self.qkv = nn.Linear(WIDTH, 3 * inner, bias=False)
        self.out = nn.Linear(inner, WIDTH)
        self.mlp = nn.Sequential(
            nn.LayerNorm(WIDTH), nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH)
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attention(self.norm(x))
        return x + self.mlp(x)

    def attention(self, x: torch.Tensor) -> torch.Tensor:
        b, tokens, _ = x.shape
        qkv = self.qkv(x).view(b, tokens, 3, HEADS, HEAD_WIDTH)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)  # (b, HEADS, tokens, HEAD_WIDTH) each
        x = functional.scaled_dot_product_attention(q, k, v)
        return self.out(x.transpose(1, 2).flatten(2))  # (b, tokens, WIDTH)
