"""A small convolutional network over log-Mel frames: three layers, then mean and maximum over time."""

from __future__ import annotations

import itertools
from typing import Any

import optuna
import torch
from torch import nn

from protocols.contract import Augmentation, Features, Info, Params, Recipe, TorchModel


class SmallCnn(TorchModel):
    info = Info(
        name="small-cnn",
        version="2",
        title="Small 1D-CNN on log-Mel",
        summary="Three strided convolutions over time on 40 log-Mel bands, pooled over time.",
        licence="Apache-2.0",
    )
    defaults = {
        "learning_rate": 2e-3,
        "weight_decay": 1e-2,
        "dropout": 0.4,
        "label_smoothing": 0.0,
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
            "weight_decay": trial.suggest_float("weight_decay", 1e-4, 1e-1, log=True),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5),
            "label_smoothing": trial.suggest_float("label_smoothing", 0.0, 0.2),
            "level": trial.suggest_categorical("level", ["removed", "kept"]),
        }

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:
        return Network(n_classes, channels, dropout=params["dropout"])

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return Recipe(
            epochs=20,
            learning_rate=params["learning_rate"],
            weight_decay=params["weight_decay"],
            label_smoothing=params["label_smoothing"],
            copies="all",
            ema=0.7,
        )


class Network(nn.Module):
    """(b, frames, channels), (b,) -> logits (b, n_classes)."""

    def __init__(self, n_classes: int, channels: int, *, dropout: float) -> None:
        super().__init__()
        widths = [channels, 32, 48, 64]
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(before, after, kernel_size=5, stride=2, padding=2),
                nn.BatchNorm1d(after),
                nn.ReLU(),
            )
            for before, after in itertools.pairwise(widths)
        )
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * widths[-1], n_classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        x = x.transpose(1, 2)  # (b, channels, frames)
        for layer in self.layers:
            x = layer(x)
            lengths = (lengths + 1) // 2
            real = (torch.arange(x.shape[2], device=x.device) < lengths[:, None])[:, None]  # (b, 1, frames)
            x = x * real  # padding stays zero, so that a batch's longest clip does not matter
        mean = x.sum(dim=2) / lengths[:, None]
        pooled = torch.cat([mean, x.amax(dim=2)], dim=1)  # after ReLU nothing is below padding's 0
        return self.head(self.dropout(pooled))
