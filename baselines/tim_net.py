"""TIM-Net: temporal-aware blocks of growing dilation, run through the clip in both directions.

Ye, Wen, Wei, Xu, Liu and Shan, "Temporal modeling matters: a novel temporal emotional modeling approach for
speech emotion recognition", ICASSP 2023, https://arxiv.org/abs/2211.08233.

As published: what the paper leaves open is read from its public code (github.com/Jiaxin-Ye/TIM-Net_SER).
"-like", to cost a small part: 3 s for 4.35 to 5.9, a hop of 20 ms for 23, 32 filters for 39, and 7 dilations
for 8, since those up to 64 already reach over 255 frames, more than a clip has; standardised input, batches
of 32 for 64, PyTorch's betas for 0.93 and 0.98, and 30 epochs of a falling learning rate for 500 of a
constant one. Copies at other speeds, masks and averaged weights are ours (docs/compact-networks.md); dropout,
label smoothing and learning rate theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optuna
import torch
from torch import nn
from torch.nn import functional

from protocols.contract import Augmentation, Features, Info, Params, Recipe, TorchModel


class TimNet(TorchModel):
    info = Info(
        name="tim-net",
        version="2",
        title="TIM-Net-like dilated CNN on MFCC",
        summary=(
            "Gated convolutions of growing dilation in both directions of time, fused by learnt weights. The "
            "paper was followed at a small part of its cost; the network was not tuned."
        ),
        paper=(
            "Ye et al., Temporal modeling matters: a novel temporal emotional modeling approach for speech "
            "emotion recognition, ICASSP 2023, https://arxiv.org/abs/2211.08233"
        ),
        licence="Apache-2.0",
    )
    defaults = {
        "learning_rate": 1e-3,
        "weight_decay": 0.0,
        "dropout": 0.1,
        "label_smoothing": 0.1,
        "mixup": 0.0,
        "level": "removed",
    }

    @staticmethod
    def features(params: Params) -> Features:
        return Features(
            front_end="mfcc",
            options={"n_fft": 1024, "hop": 320, "n_mels": 128, "n_mfcc": 39},
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
            augmentation=(Augmentation("time-mask", 0.0, 0.15),),
            copies="all",
            ema=0.7,
        )


class TimNetPublished(TorchModel):
    """The paper's network and training.

    Every clip is as long, so that zeros beside a shorter one count, as in the public code; but that length is
    one for all corpora, where theirs goes by corpus. MFCCs are not standardised.
    """

    info = Info(
        name="tim-net-published",
        version="1",
        title="TIM-Net, as published",
        summary=(
            "39 filters and eight dilations up to 128 in both directions, on 39 MFCCs of 5.9 s, for 500 "
            "epochs. The public code gives each corpus a length of its own, from 4.35 s on. Its front end "
            "works at 22.05 kHz, but the audio comes at 16 kHz: nothing lies above 8 kHz."
        ),
        paper=TimNet.info.paper,
        licence="Apache-2.0",
    )
    defaults = {"learning_rate": 1e-3, "dropout": 0.1, "label_smoothing": 0.1}

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="mfcc-22k")

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5),
            "label_smoothing": trial.suggest_float("label_smoothing", 0.0, 0.2),
        }

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:
        dilations = tuple(2**step for step in range(8))
        network = Network(n_classes, channels, dropout=params["dropout"], width=channels, dilations=dilations)
        as_keras(network)
        nn.init.uniform_(network.fusion, -0.05, 0.05)
        return network

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return Recipe(
            epochs=500,
            batch_size=64,
            optimiser="adam",
            betas=(0.93, 0.98),
            learning_rate=params["learning_rate"],
            weight_decay=0.0,
            schedule="constant",
            label_smoothing=params["label_smoothing"],
            class_weights=False,
            clip_norm=None,
            standardise=False,
        )


class Network(nn.Module):
    """(b, frames, coefficients), (b,) -> logits (b, n_classes)."""

    def __init__(
        self,
        n_classes: int,
        channels: int,
        *,
        dropout: float,
        width: int = 32,
        dilations: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
    ) -> None:
        super().__init__()
        self.entries = nn.ModuleList(nn.Conv1d(channels, width, 1) for _ in range(2))  # forward, backward
        self.forwards = nn.ModuleList(Block(width, pad=(step, 0), dropout=dropout) for step in dilations)
        self.backwards = nn.ModuleList(Block(width, pad=(0, step), dropout=dropout) for step in dilations)
        self.fusion = nn.Parameter(torch.full((len(dilations),), 1 / len(dilations)))
        self.head = nn.Linear(width, n_classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        real = (torch.arange(x.shape[1], device=x.device) < lengths[:, None])[:, None]  # (b, 1, frames)
        ahead, back = (entry(x.transpose(1, 2)) * real for entry in self.entries)  # (b, width, frames)
        scales = []
        for forwards, backwards in zip(self.forwards, self.backwards, strict=True):
            ahead, back = forwards(ahead, real), backwards(back, real)
            scales.append((ahead + back).sum(dim=2) / lengths[:, None])  # (b, width)
        return self.head((torch.stack(scales, dim=2) * self.fusion).sum(dim=2))


class Block(nn.Module):
    """Temporal-aware block: two causal convolutions make the gate through which x passes.

    `pad` is (dilation, 0) for a frame that sees the past, (0, dilation) for one that sees the future.
    """

    def __init__(self, width: int, *, pad: tuple[int, int], dropout: float) -> None:
        super().__init__()
        self.pad = pad
        self.first, self.second = (
            nn.Sequential(
                nn.Conv1d(width, width, kernel_size=2, dilation=max(pad)),
                nn.BatchNorm1d(width),
                nn.ReLU(),
                nn.Dropout1d(dropout),
            )
            for _ in range(2)
        )

    def forward(self, x: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        gate = self.first(functional.pad(x, self.pad)) * real  # (b, width, frames)
        gate = self.second(functional.pad(gate, self.pad))
        return x * gate.sigmoid()  # zero where x is: padding stays zero


def as_keras(network: nn.Module) -> None:
    """Keras's start and batch normalisation: Glorot and Bengio's weights (AISTATS 2010), no bias, and running
    statistics that keep 0.99 at each step, which PyTorch calls a momentum of 0.01.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv1d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm1d):
            layer.eps, layer.momentum = 1e-3, 0.01
