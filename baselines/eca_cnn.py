"""A six-layer CNN on log-Mel whose last two layers have efficient channel attention.

Kim and Kwon, "Searching for effective preprocessing method and CNN-based architecture with efficient channel
attention on speech emotion recognition", Scientific Reports 15, 2025, https://arxiv.org/abs/2409.04007.
The attention is that of Wang et al., "ECA-Net", CVPR 2020, section 3.

"-like": the paper's plan (six convolutions, two attentions, both late), with widths of 12 to 64, strides and
40 bands of our own choosing so that 3 s cost 3 M multiply-adds; training settings are ours.
"""

from __future__ import annotations

from typing import Any

import optuna
import torch
from torch import nn

from protocols.contract import Augmentation, Features, Info, Params, Recipe, TorchModel


class EcaCnn(TorchModel):
    info = Info(
        name="eca-cnn",
        version="2",
        title="2D-CNN with efficient channel attention",
        summary="Six convolutions on 40 log-Mel bands, the last two with efficient channel attention.",
        paper=(
            "Kim and Kwon, Searching for effective preprocessing method and CNN-based architecture with "
            "efficient channel attention on speech emotion recognition, Scientific Reports 15, 2025, "
            "https://arxiv.org/abs/2409.04007"
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


# channels out, stride in time and frequency, attention
LAYERS = ((12, 2, False), (16, 2, False), (24, 2, False), (32, 1, False), (48, 2, True), (64, 1, True))


class Network(nn.Module):
    """(b, frames, bands), (b,) -> logits (b, n_classes)."""

    def __init__(self, n_classes: int, *, dropout: float) -> None:
        super().__init__()
        self.layers, self.attentions = nn.ModuleList(), nn.ModuleList()
        before = 1
        for after, stride, attention in LAYERS:
            convolution = nn.Conv2d(before, after, 3, stride, padding=1, bias=False)
            self.layers.append(nn.Sequential(convolution, nn.BatchNorm2d(after), nn.ReLU()))
            self.attentions.append(ChannelAttention() if attention else nn.Identity())
            before = after
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(before, n_classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        x = x[:, None]  # (b, 1, frames, bands)
        for layer, attention, (_, stride, attends) in zip(self.layers, self.attentions, LAYERS, strict=True):
            lengths = (lengths + stride - 1) // stride
            x = masked(layer(x), lengths)
            x = attention(x, lengths) if attends else x  # at last (b, 64, frames / 16, bands / 16)
        return self.head(self.dropout(mean(x, lengths)))


class ChannelAttention(nn.Module):
    """Each channel is scaled by what its own mean and those of its two neighbours say.

    Three is what ECA-Net's rule, (log2 of the channels + 1) / 2 as an odd number, gives for 48 and for 64.
    """

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Conv1d(1, 1, kernel_size=3, padding=1, bias=False)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        weights = self.mix(mean(x, lengths)[:, None]).sigmoid()  # (b, 1, channels)
        return x * weights.transpose(1, 2)[..., None]


def masked(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Padding back to zero, so that a batch's longest clip does not matter."""
    real = torch.arange(x.shape[2], device=x.device) < lengths[:, None]  # (b, frames)
    return x * real[:, None, :, None]


def mean(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """(b, channels, frames, bands) -> (b, channels), over what is real."""
    return x.sum(dim=(2, 3)) / (lengths * x.shape[3])[:, None]
