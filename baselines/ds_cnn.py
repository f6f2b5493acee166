"""DS-CNN-like: one convolution, then depthwise-separable ones, as for spotting keywords on microcontrollers.

Zhang, Suda, Lai and Chandra, "Hello Edge: keyword spotting on microcontrollers", 2017,
https://arxiv.org/abs/1711.07128.

"-like": its small network (64 channels, four separable layers, mean over all), with 40 log-Mel bands for 10
MFCCs, a first kernel of 9 x 4 for 10 x 4 with strides of 4 for 2 and a further halving, so that 3 s cost what
its 1 s does; dropout before the head and training settings are ours.
"""

from __future__ import annotations

from typing import Any

import optuna
import torch
from torch import nn

from protocols.contract import Augmentation, Features, Info, Params, Recipe, TorchModel


class DsCnn(TorchModel):
    info = Info(
        name="ds-cnn",
        version="2",
        title="Depthwise-separable CNN on log-Mel",
        summary="One strided convolution and four depthwise-separable ones on 40 log-Mel bands.",
        paper=(
            "Zhang et al., Hello Edge: keyword spotting on microcontrollers, 2017, "
            "https://arxiv.org/abs/1711.07128"
        ),
        licence="Apache-2.0",
    )
    defaults = {
        "learning_rate": 2e-3,
        "weight_decay": 1e-2,
        "dropout": 0.2,
        "label_smoothing": 0.0,
        "mixup": 0.0,
        "level": "removed",
    }

    @staticmethod
    def features(params: Params) -> Features:
        return Features(
            front_end="log-mel",
            options={"n_mels": 40, "hop": 320},
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
            augmentation=(Augmentation("time-mask", 0.0, 0.15), Augmentation("band-mask", 0, 6)),
            copies="all",
            ema=0.7,
        )


WIDTH = 64
STRIDES = (4, 2, 1, 1, 1)  # the first convolution's, then the separable ones'


class Network(nn.Module):
    """(b, frames, bands), (b,) -> logits (b, n_classes)."""

    def __init__(self, n_classes: int, *, dropout: float) -> None:
        super().__init__()
        first = nn.Conv2d(1, WIDTH, (9, 4), STRIDES[0], padding=(4, 0), bias=False)
        self.layers = nn.ModuleList([nn.Sequential(first, nn.BatchNorm2d(WIDTH), nn.ReLU())])
        self.layers.extend(separable(stride) for stride in STRIDES[1:])
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(WIDTH, n_classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        x = x[:, None]  # (b, 1, frames, bands)
        for layer, stride in zip(self.layers, STRIDES, strict=True):
            lengths = (lengths + stride - 1) // stride
            x = masked(layer(x), lengths)  # (b, 64, frames / 4, bands / 4), then halved once
        x = x.sum(dim=(2, 3)) / (lengths * x.shape[3])[:, None]  # (b, 64), the mean of what is real
        return self.head(self.dropout(x))


def separable(stride: int) -> nn.Sequential:
    """A convolution of each channel by itself, then one across channels."""
    return nn.Sequential(
        nn.Conv2d(WIDTH, WIDTH, 3, stride, padding=1, groups=WIDTH, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(),
        nn.Conv2d(WIDTH, WIDTH, 1, bias=False),
        nn.BatchNorm2d(WIDTH),
        nn.ReLU(),
    )


def masked(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Padding back to zero, so that a batch's longest clip does not matter."""
    real = torch.arange(x.shape[2], device=x.device) < lengths[:, None]  # (b, frames)
    return x * real[:, None, :, None]
