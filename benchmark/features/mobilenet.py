"""mn04 without its classifier: MobileNetV3-Large at 0.4 of its width, for spectrograms.

A. Howard et al.: Searching for MobileNetV3. ICCV 2019, table 1. As F. Schmid, K. Koutini and G. Widmer have
it (Efficient large-scale audio tagging via transformer-to-CNN knowledge distillation. ICASSP 2023), the gates
of squeeze-and-excitation are sigmoids.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import nn


class Layer(NamedTuple):
    """One row of the table."""

    kernel: int
    expanded: int  # channels
    channels: int
    squeeze: bool  # and excite
    swish: bool  # hard, else ReLU
    stride: int


LAYERS = [
    Layer(3, 8, 8, False, False, 1),
    Layer(3, 24, 16, False, False, 2),
    Layer(3, 32, 16, False, False, 1),
    Layer(5, 32, 16, True, False, 2),
    Layer(5, 48, 16, True, False, 1),
    Layer(5, 48, 16, True, False, 1),
    Layer(3, 96, 32, False, True, 2),
    Layer(3, 80, 32, False, True, 1),
    Layer(3, 72, 32, False, True, 1),
    Layer(3, 72, 32, False, True, 1),
    Layer(3, 192, 48, True, True, 1),
    Layer(3, 272, 48, True, True, 1),
    Layer(5, 272, 64, True, True, 2),
    Layer(5, 384, 64, True, True, 1),
    Layer(5, 384, 64, True, True, 1),
]
STEM, WIDTH = 8, 384  # channels of the first convolution, and of the last


class Embedding(nn.Module):
    """(b, 1, bands, frames) -> the mean over both of what the classifier would be given, (b, WIDTH)."""

    def __init__(self) -> None:
        super().__init__()
        widths = [STEM, *(layer.channels for layer in LAYERS)]
        self.features = nn.Sequential(
            convolution(1, STEM, 3, stride=2, activation=nn.Hardswish),
            *(Block(before, layer) for before, layer in zip(widths, LAYERS, strict=False)),
            convolution(widths[-1], WIDTH, 1, activation=nn.Hardswish),
        )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.features(x).mean(dim=(2, 3))


def convolution(
    before: int,
    after: int,
    kernel: int,
    *,
    stride: int = 1,
    groups: int = 1,
    activation: type[nn.Module] = nn.Identity,
) -> nn.Sequential:
    """Convolution, batch norm, activation."""
    return nn.Sequential(
        nn.Conv2d(before, after, kernel, stride, padding=kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(after, eps=1e-3, momentum=0.01),
        activation(),
    )


class Block(nn.Module):
    """Inverted residual: expanded, filtered channel by channel, projected."""

    def __init__(self, before: int, layer: Layer) -> None:
        super().__init__()
        kernel, width, after, squeeze, swish, stride = layer
        activation = nn.Hardswish if swish else nn.ReLU
        expand = [convolution(before, width, 1, activation=activation)] if width != before else []
        depthwise = convolution(width, width, kernel, stride=stride, groups=width, activation=activation)
        excite = [SqueezeExcitation(width)] if squeeze else []
        self.block = nn.Sequential(*expand, depthwise, *excite, convolution(width, after, 1))
        self.residual = stride == 1 and before == after

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        out = self.block(x)
        return out + x if self.residual else out


class SqueezeExcitation(nn.Module):
    """Each channel times a gate that sees the means of all."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        squeezed = (channels // 4 + 4) // 8 * 8  # a quarter, to the nearest multiple of 8
        self.fc1 = nn.Linear(channels, squeezed)
        self.fc2 = nn.Linear(squeezed, channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        gate = torch.sigmoid(self.fc2(torch.relu(self.fc1(x.mean(dim=(2, 3))))))  # (b, channels)
        return x * gate[:, :, None, None]
