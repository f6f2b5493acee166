"""Light-SERNet: three parallel convolutions (time, frequency, both), then a small convolutional body.

Aftab, Morsali, Ghaemmaghami and Champagne, "Light-SERNet: a lightweight fully convolutional neural network
for speech emotion recognition", ICASSP 2022, https://arxiv.org/abs/2110.03435.

As published: what the paper leaves open is read from its public code (github.com/AryaAftab/LIGHT-SERNET).
"-like", to cost a small part: a hop of 20 ms for 16, fewer channels (12 a path for 32, 32 to 80 for 64 to
160, 160 for 320), and strides where the paper convolves first and averages then. MFCCs are of all bands and
standardised, not of 80 to 7600 Hz and clipped at 10. As 30 epochs stand for its 300, the learning rate starts
at 1e-3 for its 1e-4; its L2 of 1e-6 counts as none. Copies at other speeds, masks and averaged weights are
ours (docs/compact-networks.md).
"""

from __future__ import annotations

from typing import Any

import optuna
import torch
from torch import nn

from protocols.contract import Augmentation, Features, Info, Params, Recipe, TorchModel


class LightSernet(TorchModel):
    info = Info(
        name="light-sernet",
        version="2",
        title="Light-SERNet-like CNN on MFCC",
        summary="Parallel convolutions along time, frequency and both, then a small convolutional body.",
        paper=(
            "Aftab et al., Light-SERNet: a lightweight fully convolutional neural network for speech "
            "emotion recognition, ICASSP 2022, https://arxiv.org/abs/2110.03435"
        ),
        licence="Apache-2.0",
    )
    defaults = {
        "learning_rate": 1e-3,
        "weight_decay": 0.0,
        "dropout": 0.3,
        "label_smoothing": 0.0,
        "mixup": 0.0,
        "level": "removed",
    }

    @staticmethod
    def features(params: Params) -> Features:
        return Features(
            front_end="mfcc",
            options={"n_fft": 1024, "hop": 320, "n_mels": 128, "n_mfcc": 40},
            seconds=3.0,
            level=params["level"],
            copies=4,
            augmentation=(Augmentation("speed", 0.88, 1.12),),
        )

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 3e-4, 1e-2, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 0.0, 0.3),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5),
            "label_smoothing": trial.suggest_float("label_smoothing", 0.0, 0.2),
            "mixup": trial.suggest_float("mixup", 0.0, 0.4),
            "level": trial.suggest_categorical("level", ["removed", "kept"]),
        }

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:  # noqa: ARG004
        return Network(n_classes, dropout=params["dropout"])

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return Recipe(
            epochs=30,
            learning_rate=params["learning_rate"],
            weight_decay=params["weight_decay"],
            label_smoothing=params["label_smoothing"],
            mixup=params["mixup"],
            augmentation=(Augmentation("time-mask", 0.0, 0.15),),
            copies="all",
            ema=0.7,
        )


class LightSernetPublished(TorchModel):
    """The paper's network and training, with its cross-entropy loss.

    Keras adds 1e-6 |w|^2 of the body's kernels to the loss. Its gradient, 2e-6 w, is what Adam's weight decay
    of 2e-6 adds; here the other weights are decayed with them. The learning rate stays: theirs falls by 14 %
    every 20 epochs from the 60th on, to a sixth, for which a recipe has no schedule. The public code keeps
    the epoch that is best on its test clips; here inner validation chooses.
    """

    info = Info(
        name="light-sernet-published",
        version="1",
        title="Light-SERNet, as published",
        summary=(
            "32 channels a path, convolutions of up to 320 channels with average pooling, on 40 clipped "
            "MFCCs of 3 s between 80 and 7600 Hz, for 300 epochs. The learning rate stays at its start, "
            "where the public code lets it fall to a sixth."
        ),
        paper=LightSernet.info.paper,
        licence="Apache-2.0",
    )
    defaults = {"learning_rate": 1e-4, "weight_decay": 2e-6, "dropout": 0.3}

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="mfcc-clipped")

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 3e-5, 3e-3, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5),
        }

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:  # noqa: ARG004
        return Published(n_classes, dropout=params["dropout"])

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return Recipe(
            epochs=300,
            batch_size=32,
            optimiser="adam",
            learning_rate=params["learning_rate"],
            weight_decay=params["weight_decay"],
            schedule="constant",
            class_weights=False,
            clip_norm=None,
            standardise=False,
        )


PATH = 12  # channels of each path, which halves both axes
# channels out, kernel, stride in time and in frequency
BODY = ((32, 3, (2, 2)), (48, 3, (2, 2)), (64, 3, (2, 1)), (80, 3, (2, 1)), (160, 1, (1, 1)))


class Network(nn.Module):
    """(b, frames, coefficients), (b,) -> logits (b, n_classes)."""

    def __init__(self, n_classes: int, *, dropout: float) -> None:
        super().__init__()
        self.paths = nn.ModuleList(convolution(1, PATH, k, (2, 2)) for k in ((11, 1), (1, 9), (3, 3)))
        self.body = nn.ModuleList()
        width = 3 * PATH
        for out, kernel, stride in BODY:
            self.body.append(convolution(width, out, (kernel, kernel), stride))
            width = out
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(width, n_classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        x = x[:, None]  # (b, 1, frames, coefficients)
        x = torch.cat([path(x) for path in self.paths], dim=1)  # (b, 36, frames / 2, coefficients / 2)
        lengths = (lengths + 1) // 2
        x = masked(x, lengths)
        for layer, (_, _, stride) in zip(self.body, BODY, strict=True):
            lengths = (lengths + stride[0] - 1) // stride[0]
            x = masked(layer(x), lengths)  # at last (b, 160, frames / 32, coefficients / 8)
        x = x.sum(dim=(2, 3)) / (lengths * x.shape[3])[:, None]  # (b, 160), the mean of what is real
        return self.head(self.dropout(x))


class Published(nn.Module):
    """(b, frames, coefficients), (b,) -> logits (b, n_classes). Every clip has all its frames."""

    def __init__(self, n_classes: int, *, dropout: float) -> None:
        super().__init__()
        self.paths = nn.ModuleList(
            nn.Sequential(convolution(1, 32, kernel, bias=True), pool(2, 2))
            for kernel in ((11, 1), (1, 9), (3, 3))
        )
        self.body = nn.Sequential(
            *(convolution(96, 64, (3, 3)), pool(2, 2)),
            *(convolution(64, 96, (3, 3)), pool(2, 2)),
            *(convolution(96, 128, (3, 3)), pool(2, 1)),
            *(convolution(128, 160, (3, 3)), pool(2, 1)),
            convolution(160, 320, (1, 1)),
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(320, n_classes)
        as_keras(self)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        x = x[:, None]  # (b, 1, frames, coefficients)
        x = torch.cat([path(x) for path in self.paths], dim=1)  # (b, 96, frames / 2, coefficients / 2)
        x = self.body(x).mean(dim=(2, 3))  # (b, 320), of frames / 32 and coefficients / 8
        return self.head(self.dropout(x))


def pool(time: int, frequency: int) -> nn.AvgPool2d:
    """Means of what lies inside, also at an end that is not whole."""
    return nn.AvgPool2d((time, frequency), ceil_mode=True)


def convolution(
    before: int, after: int, kernel: tuple[int, int], stride: tuple[int, int] = (1, 1), *, bias: bool = False
) -> nn.Sequential:
    padding = (kernel[0] // 2, kernel[1] // 2)
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, padding, bias=bias), nn.BatchNorm2d(after), nn.ReLU()
    )


def masked(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Padding back to zero, so that a batch's longest clip does not matter."""
    real = torch.arange(x.shape[2], device=x.device) < lengths[:, None]  # (b, frames)
    return x * real[:, None, :, None]


def as_keras(network: nn.Module) -> None:
    """Keras's start and batch normalisation: Glorot and Bengio's weights (AISTATS 2010), no bias, and running
    statistics that keep 0.99 at each step, which PyTorch calls a momentum of 0.01.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm2d):
            layer.eps, layer.momentum = 1e-3, 0.01
