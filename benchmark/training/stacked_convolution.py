"""Convolutions for a stack, as matrix products."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional


class Convolution(nn.Module):
    """Conv1d or Conv2d without groups as one matrix product, of which a stack makes a batched one.

    vmap would make a convolution in M groups of it, which costs cuDNN two to seven times as long.
    """

    def __init__(self, old: Any, step: Any) -> None:  # noqa: ARG002
        super().__init__()
        self.weight, self.bias = old.weight, old.bias
        self.stride, self.dilation, self.kernel = old.stride, old.dilation, old.kernel_size
        self.padding = old._reversed_padding_repeated_twice  # as functional.pad wants it
        self.mode = "constant" if old.padding_mode == "zeros" else old.padding_mode

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """x (b, channels, length) or (b, channels, height, width)."""
        if any(self.padding):
            x = functional.pad(x, self.padding, self.mode)
        x, axes = x.transpose(0, 1), range(2, x.ndim)
        for axis, size, stride, dilation in zip(axes, self.kernel, self.stride, self.dilation, strict=True):
            x = windows(x, axis, size=size, stride=stride, dilation=dilation)
        b, places, kernel = x.shape[1], x.shape[2 : 2 + len(axes)], range(2 + len(axes), x.ndim)
        x = x.permute(0, *kernel, 1, *axes)  # (channels, *kernel, b, *places)
        out = self.weight.flatten(1) @ x.reshape(self.weight[0].numel(), -1)  # (channels out, b places)
        if self.bias is not None:
            out = out + self.bias[:, None]
        return out.view(-1, b, *places).transpose(0, 1)


def windows(x: torch.Tensor, axis: int, *, size: int, stride: int, dilation: int) -> torch.Tensor:
    """What a kernel sees along an axis, as a new last axis; the axis itself becomes the kernel's places."""
    if dilation == 1:
        return x.unfold(axis, size, stride)
    last = x.shape[axis] - dilation * (size - 1)  # places, before the stride
    shifted = [x.narrow(axis, k * dilation, last) for k in range(size)]
    index = (slice(None),) * axis + (slice(None, None, stride),)
    return torch.stack([one[index] for one in shifted], dim=-1)
