"""A small bidirectional GRU over log-Mel frames, pooled over time by attention.

Mirsamadi, Barsoum and Zhang, "Automatic speech emotion recognition using recurrent neural networks with local
attention", ICASSP 2017, https://doi.org/10.1109/ICASSP.2017.7952552.

"-like": a GRU for its LSTM, narrower; 40 log-Mel bands for its spectra and descriptors; one convolution of
stride 2 before it where the paper has dense layers, which halves the steps; training settings are ours.
The pooling is the paper's: a softmax over time of each frame's product with one learnt vector.
"""

from __future__ import annotations

from typing import Any

import optuna
import torch
from torch import nn

from protocols.contract import Augmentation, Features, Info, Params, Recipe, TorchModel


class GruAttention(TorchModel):
    info = Info(
        name="gru-attention",
        version="2",
        title="Bidirectional GRU with attention pooling",
        summary="A recurrent layer of 48 units each way on 40 log-Mel bands, pooled by attention.",
        paper=(
            "Mirsamadi et al., Automatic speech emotion recognition using recurrent neural networks with "
            "local attention, ICASSP 2017, https://doi.org/10.1109/ICASSP.2017.7952552"
        ),
        licence="Apache-2.0",
    )
    defaults = {
        "learning_rate": 2e-3,
        "weight_decay": 1e-2,
        "dropout": 0.3,
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
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:
        return Network(n_classes, channels, dropout=params["dropout"])

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


WIDTH = 48


class Network(nn.Module):
    """(b, frames, bands), (b,) -> logits (b, n_classes)."""

    def __init__(self, n_classes: int, channels: int, *, dropout: float) -> None:
        super().__init__()
        self.entry = nn.Sequential(
            nn.Conv1d(channels, WIDTH, kernel_size=3, stride=2, padding=1), nn.BatchNorm1d(WIDTH), nn.ReLU()
        )
        self.forwards = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.backwards = nn.GRU(WIDTH, WIDTH, batch_first=True)
        self.attention = nn.Linear(2 * WIDTH, 1, bias=False)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * WIDTH, n_classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        x = self.entry(x.transpose(1, 2)).transpose(1, 2)  # (b, frames / 2, 48)
        x, lengths = self.dropout(x), (lengths + 1) // 2
        ahead = self.forwards(x)[0]  # (b, frames / 2, 48)
        back = turned(self.backwards(turned(x, lengths))[0], lengths)
        x = torch.cat([ahead, back], dim=2)  # (b, frames / 2, 96)
        real = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # (b, frames / 2)
        scores = self.attention(x)[..., 0].masked_fill(~real, -torch.inf)
        x = (x * scores.softmax(dim=1)[..., None]).sum(dim=1)  # (b, 96)
        return self.head(self.dropout(x))


def turned(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """Each clip backwards in time, its padding left at the end, so that no direction hears it first."""
    frame = torch.arange(x.shape[1], device=x.device)  # (frames,)
    mirrored = lengths[:, None] - 1 - frame  # (b, frames), below 0 on padding
    source = torch.where(mirrored < 0, frame, mirrored)
    return x.gather(1, source[..., None].expand_as(x))
