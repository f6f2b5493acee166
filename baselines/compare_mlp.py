"""ComParE and a small multilayer perceptron, regularised hard: few clips, many functionals."""

from __future__ import annotations

from typing import Any

import optuna
import torch
from torch import nn

from protocols.contract import Features, Info, Params, Recipe, TorchModel


class CompareMlp(TorchModel):
    """One hidden layer, with dropout before and behind it, and mixup."""

    info = Info(
        name="compare-mlp",
        version="1",
        title="ComParE, multilayer perceptron",
        summary="6373 openSMILE functionals (ComParE 2016), one hidden layer of 128, dropout and mixup.",
        paper=(
            "B. Schuller et al.: The INTERSPEECH 2016 Computational Paralinguistics Challenge: Deception, "
            "Sincerity & Native Language. Interspeech 2016. https://doi.org/10.21437/Interspeech.2016-129"
        ),
        licence="Apache-2.0; openSMILE, which it needs, is for research only",
        extra="egemaps",
    )
    defaults = {
        "learning_rate": 1e-3,
        "weight_decay": 1e-2,
        "dropout": 0.5,
        "label_smoothing": 0.1,
        "mixup": 0.3,
    }

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="compare")

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 3e-4, 3e-3, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-3, 3e-1, log=True),
            "dropout": trial.suggest_float("dropout", 0.2, 0.8),
            "label_smoothing": trial.suggest_float("label_smoothing", 0.0, 0.2),
            "mixup": trial.suggest_float("mixup", 0.0, 0.5),
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
            mixup=params["mixup"],
        )


class Network(nn.Module):
    """(b, 1, functionals), (b,) -> logits (b, n_classes)."""

    def __init__(self, n_classes: int, functionals: int, *, dropout: float, width: int = 128) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Hardtanh(-5, 5),  # standardised functionals have far outliers
            nn.Dropout(0.6 * dropout),
            nn.Linear(functionals, width),
            nn.BatchNorm1d(width),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(width, n_classes),
        )

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        return self.layers(x[:, 0])  # one frame a clip
