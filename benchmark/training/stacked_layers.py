"""Batch normalisation and dropout for a stack: what they do depends on one network's own step alone."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import nn


class Step:
    """What the layers of a network know of the step beside their input: one network's, inside vmap."""

    rows: torch.Tensor  # (b,) 1, or 0 where a row is padding
    seed: torch.Tensor  # () int64, of dropout
    active: torch.Tensor  # () 1, or 0 for a network that rests
    calls: int  # of dropout in this step so far


class BatchNorm(nn.Module):
    """Over the batch's real rows alone. Running statistics move only where the network is active."""

    num_batches_tracked: torch.Tensor
    running_mean: torch.Tensor
    running_var: torch.Tensor

    def __init__(self, old: Any, step: Step) -> None:
        super().__init__()
        if old.momentum is None or not old.track_running_stats:
            raise NotImplementedError("batch normalisation is stacked with running statistics and a momentum")
        self.step, self.eps, self.momentum = step, old.eps, old.momentum
        self.weight, self.bias = old.weight, old.bias
        for name, buffer in old.named_buffers():
            self.register_buffer(name, buffer.clone())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean, variance = self._measured(x) if self.training else (self.running_mean, self.running_var)
        scale = (variance + self.eps).rsqrt()  # (channels,)
        if self.weight is not None:
            scale = scale * self.weight
        shift = -mean * scale if self.bias is None else self.bias - mean * scale
        shape = (-1, *(1,) * (x.ndim - 2))
        return torch.addcmul(shift.view(shape), x, scale.view(shape))

    def _measured(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and variance of each channel, from each row's own: x is read once."""
        values = x.flatten(2) if x.ndim > 2 else x[..., None]  # (b, channels, places)
        variances, means = torch.var_mean(values, dim=2, correction=0)  # (b, channels) each
        n = self.step.rows.sum()
        share = (self.step.rows / n)[:, None]  # (b, 1)
        mean = (share * means).sum(0)
        variance = (share * (variances + (means - mean).square())).sum(0)
        with torch.no_grad():
            n = n * values.shape[2]
            moved = self.momentum * self.step.active
            self.running_mean.add_(moved * (mean - self.running_mean))
            self.running_var.add_(moved * (variance * n / (n - 1).clamp(min=1) - self.running_var))
            self.num_batches_tracked.add_(self.step.active.long())
        return mean, variance


class Dropout(nn.Module):
    """Its bits are a hash of the step's seed, of how often dropout was called in the step, and of the place.

    So what a network drops depends neither on its place in the stack nor on the others.
    """

    p: torch.Tensor

    def __init__(self, old: Any, step: Step) -> None:
        super().__init__()
        self.step = step
        self.channels = isinstance(old, nn.Dropout1d | nn.Dropout2d | nn.Dropout3d)  # whole ones are dropped
        self.register_buffer("p", torch.tensor(old.p, dtype=torch.float64))  # each network's own

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not self.training:
            return x
        self.step.calls += 1
        shape = (*x.shape[:2], *(1,) * (x.ndim - 2)) if self.channels else x.shape
        bits = hashed(math.prod(shape), self.step.seed + self.step.calls * 0x7F4A7C15, x.device).view(shape)
        kept = (bits >= self.p.double() * 2**32).to(x.dtype)
        return x * (kept / (1 - self.p).clamp(min=1e-6))


def hashed(n: int, seed: torch.Tensor, device: torch.device) -> torch.Tensor:
    """n numbers from 0 to 2^32 - 1, by place and seed: MurmurHash3's last mixing (Appleby, 2011)."""
    x = (torch.arange(n, device=device) * 0x9E3779B1 + seed) & 0xFFFFFFFF
    x = ((x ^ (x >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
    x = ((x ^ (x >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
    return x ^ (x >> 16)
