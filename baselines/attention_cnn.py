"""The attention 1D-CNN: as its paper publishes it, and as we would build it today.

Lee and Nadeem (2025), arXiv 2507.03251; what the paper leaves open is read from its public code
(github.com/spilabkorea/ser). Both networks are convolutions, then channel and spatial attention
(Woo et al., CBAM, ECCV 2018). The published one reads a clip as one long row and flattens what comes out;
ours reads frames and pools over time, and does with 0.2 % of the parameters.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import optuna
import torch
from torch import nn

from protocols.contract import Augmentation, Features, Info, Params, Recipe, TorchModel

PAPER = "Lee and Nadeem (2025), https://arxiv.org/abs/2507.03251"
ATTENTIONS = {"channel_attention": True, "spatial_attention": True}
VARIANTS = {
    "no-channel-attention": {"channel_attention": False},
    "no-spatial-attention": {"spatial_attention": False},
    "no-attention": {"channel_attention": False, "spatial_attention": False},
    "no-augmentation": {"augmentation": False},  # an epoch then has as many steps less as there are copies
}


class AttentionCnnPublished(TorchModel):
    """The paper's network and training.

    Keras adds 1e-3 |w|^2 of the two convolutions' and the first linear layer's kernels to the loss. Its
    gradient, 2e-3 w, is what Adam's weight decay of 2e-3 adds; here the other weights are decayed with them
    (0.05 % of all).

    An epoch holds four rows of each clip: as it is, with noise, with another pitch, and with that and noise.
    The pitch is 0.7 or 2 semitones higher, by corpus; here, any number between. The noise, at most 0.035 of
    the peak, lies some 10 to 25 dB below speech. Batches are of 16, as for most of its corpora (for RAVDESS
    and CREMA-D they are of 32), and the clips themselves, without the altered rows, standardise the input.
    """

    info = Info(
        name="attention-cnn-published",
        version="2",
        title="Attention 1D-CNN, as published",
        summary=(
            "Two convolutions and two attentions over one row of 2268 values: 2.5 s of zero-crossing rates "
            "and MFCCs, flattened, of four rows a clip: as it is, with noise, with another pitch, with "
            "both. Its front end works at 22.05 kHz, but the audio comes at 16 kHz: nothing lies above 8 kHz."
        ),
        paper=PAPER,
        licence="Apache-2.0",
        memory=4096,
    )
    defaults = {
        "learning_rate": 1e-5,
        "weight_decay": 2e-3,
        "dropout": 0.2,
        "augmentation": True,
        **ATTENTIONS,
    }
    variants = VARIANTS

    @staticmethod
    def features(params: Params) -> Features:
        if not params["augmentation"]:
            return Features(front_end="zcr-mfcc")
        augmentation = (
            Augmentation("pitch", 0.7, 2, copies=(2, 3)),
            Augmentation("noise", 10, 25, copies=(1, 3)),
        )
        return Features(front_end="zcr-mfcc", copies=3, augmentation=augmentation)

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 1e-5, 1e-3, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-4, 1e-2, log=True),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5),
        }

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:
        attentions = {name: params[name] for name in ATTENTIONS}
        return Published(n_classes, channels, dropout=params["dropout"], **attentions)

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return Recipe(
            epochs=100,
            batch_size=16,
            optimiser="adam",
            learning_rate=params["learning_rate"],
            weight_decay=params["weight_decay"],
            schedule="constant",
            class_weights=False,
            clip_norm=None,
            copies="all",
        )


class AttentionCnn(TorchModel):
    """The same ideas on 24 MFCCs a frame, pooled over time."""

    info = Info(
        name="attention-cnn",
        version="2",
        title="Attention 1D-CNN, compact",
        summary="Three strided convolutions on 24 MFCCs, channel and spatial attention, pooled over time.",
        paper=f"after {PAPER}",
        licence="Apache-2.0",
    )
    defaults = {
        "learning_rate": 5e-3,
        "weight_decay": 1e-2,
        "dropout": 0.2,
        "label_smoothing": 0.1,
        "level": "removed",
        "augmentation": True,
        **ATTENTIONS,
    }
    variants = VARIANTS

    @staticmethod
    def features(params: Params) -> Features:
        return Features(
            front_end="mfcc",
            options={"n_mfcc": 24, "hop": 320},
            seconds=3.0,
            level=params["level"],
            copies=4 if params["augmentation"] else 0,
            augmentation=(Augmentation("speed", 0.88, 1.12),) if params["augmentation"] else (),
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
        attentions = {name: params[name] for name in ATTENTIONS}
        return Compact(n_classes, channels, dropout=params["dropout"], **attentions)

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return Recipe(
            epochs=30,
            learning_rate=params["learning_rate"],
            weight_decay=params["weight_decay"],
            label_smoothing=params["label_smoothing"],
            augmentation=(Augmentation("time-mask", 0.0, 0.3),) if params["augmentation"] else (),
            copies="all",
            ema=0.7,
        )


class Published(nn.Module):
    """(b, 1, values), (b,) -> logits (b, n_classes): the row of values is the axis that is convolved."""

    def __init__(self, n_classes: int, values: int, *, dropout: float, **attentions: bool) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            *(nn.Conv1d(1, 256, kernel_size=7), nn.ReLU(), nn.BatchNorm1d(256)),
            *(nn.Conv1d(256, 256, kernel_size=7), nn.ReLU(), nn.BatchNorm1d(256)),
            nn.Dropout(dropout),
        )
        self.channel, self.spatial = attention(256, **attentions)
        self.hidden = nn.Sequential(nn.Linear(256 * (values - 12), 64), nn.ReLU(), nn.BatchNorm1d(64))
        self.head = nn.Linear(64, n_classes)
        as_keras(self)
        for layer in (*self.channel.modules(), *self.spatial.modules()):
            if isinstance(layer, nn.Linear | nn.Conv1d):  # He et al. (ICCV 2015), as the public code says
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        x = self.layers(x)  # (b, 256, values - 12)
        x = self.channel(x, torch.full_like(lengths, x.shape[2]))
        x = self.spatial(x)
        x = self.hidden(x.flatten(1))  # (b, 64)
        return self.head(x)


class Compact(nn.Module):
    """(b, frames, channels), (b,) -> logits (b, n_classes)."""

    def __init__(self, n_classes: int, channels: int, *, dropout: float, **attentions: bool) -> None:
        super().__init__()
        *_, width = widths = [channels, 64, 96, 96]
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.Conv1d(before, after, kernel_size=5, stride=2, padding=2),
                nn.BatchNorm1d(after),
                nn.ReLU(),
            )
            for before, after in pairwise(widths)
        )
        self.channel, self.spatial = attention(width, **attentions)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(2 * width, n_classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        x = x.transpose(1, 2)  # (b, channels, frames)
        for layer in self.layers:
            x = layer(x)
            lengths = (lengths + 1) // 2
            x = x * _real(x, lengths)  # padding stays zero, so that a batch's longest clip does not matter
        x = self.spatial(self.channel(x, lengths))  # (b, width, frames / 8)
        pooled = torch.cat(pool(x, lengths), dim=1)  # (b, 2 width)
        return self.head(self.dropout(pooled))


def attention(width: int, *, channel_attention: bool, spatial_attention: bool) -> tuple[nn.Module, nn.Module]:
    """Both attentions; in place of one that a variant lacks, a module that changes nothing."""
    return (
        ChannelAttention(width) if channel_attention else Unweighted(),
        SpatialAttention() if spatial_attention else Unweighted(),
    )


class Unweighted(nn.Module):
    """x as it is, whatever else is given."""

    def forward(self, x: torch.Tensor, *_: torch.Tensor) -> torch.Tensor:
        return x


class ChannelAttention(nn.Module):
    """x (b, width, frames) -> the same, each channel scaled by a weight that its mean and maximum decide."""

    def __init__(self, width: int, *, reduction: int = 16) -> None:
        super().__init__()
        self.mlp = nn.Sequential(
            nn.Linear(width, width // reduction), nn.ReLU(), nn.Linear(width // reduction, width)
        )

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        mean, largest = pool(x, lengths)  # (b, width) twice
        return x * torch.sigmoid(self.mlp(mean) + self.mlp(largest))[..., None]


class SpatialAttention(nn.Module):
    """x (b, width, frames) -> the same, each frame scaled by a weight that its surroundings decide."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv1d(2, 1, kernel_size=7, padding=3, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = torch.stack([x.mean(dim=1), x.amax(dim=1)], dim=1)  # (b, 2, frames)
        return x * torch.sigmoid(self.conv(seen))


def pool(x: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """x (b, width, frames), lengths (b,) -> mean and maximum over a clip's own frames, (b, width) twice."""
    real = _real(x, lengths)
    return (x * real).sum(dim=2) / lengths[:, None], x.masked_fill(~real, -torch.inf).amax(dim=2)


def _real(x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    """(b, 1, frames): whether a frame is the clip's own, not padding."""
    return (torch.arange(x.shape[2], device=x.device) < lengths[:, None])[:, None]


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
