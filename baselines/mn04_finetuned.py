"""mn04, trained whole from its published weights: what the probe's frozen embedding may not give.

The front end brings mn04 itself: it stands before the network that is built here, a linear layer, and both
are trained. An augmented copy, at another speed, is another voice. The learning rate was chosen on one inner
fold of SAVEE, without copies: after 10 epochs its UAR was 29.5 at 3e-4, 41.0 at 1e-3, 36.2 at 3e-3.
"""

from __future__ import annotations

from typing import Any

import optuna
import torch
from torch import nn

from protocols.contract import Augmentation, Features, Info, Params, Recipe, TorchModel


class Mn04Finetuned(TorchModel):
    info = Info(
        name="mn04-finetuned",
        version="1",
        title="mn04, fine-tuned",
        summary=(
            "A MobileNetV3 of 0.4 times the width that was trained to name sounds, trained on whole. Its "
            "input is at 32 kHz and clips are at 16 kHz, so it sees nothing above 8 kHz."
        ),
        paper=(
            "F. Schmid, K. Koutini, G. Widmer: Efficient large-scale audio tagging via transformer-to-CNN "
            "knowledge distillation. ICASSP 2023. https://arxiv.org/abs/2211.04772"
        ),
        licence="Apache-2.0; the weights MIT (https://github.com/fschmid56/EfficientAT)",
        pretraining=("ImageNet", "AudioSet"),
        stackable=False,
    )
    defaults = {"learning_rate": 1e-3, "weight_decay": 1e-2, "dropout": 0.2, "label_smoothing": 0.0}

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="mn04-trained", copies=3, augmentation=(Augmentation("speed", 0.88, 1.12),))

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 1e-4, 3e-3, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-4, 1e-1, log=True),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5),
            "label_smoothing": trial.suggest_float("label_smoothing", 0.0, 0.2),
        }

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:
        return Head(n_classes, channels, dropout=params["dropout"])

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return Recipe(
            epochs=20,
            learning_rate=params["learning_rate"],
            weight_decay=params["weight_decay"],
            label_smoothing=params["label_smoothing"],
            standardise=False,
        )


class Head(nn.Module):
    """(b, 1, width) -> logits (b, n_classes)."""

    def __init__(self, n_classes: int, channels: int, *, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Dropout(dropout), nn.Linear(channels, n_classes))

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        return self.layers(x[:, 0])
