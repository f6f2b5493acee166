"""Counts a bare network, for tests of networks."""

from __future__ import annotations

import torch
from torch import nn

from benchmark.cost import count


def macs(network: nn.Module, *, frames: int, channels: int) -> int:
    """Multiply-adds of one clip of `frames` x `channels`, at inference, without norms."""
    x, lengths = torch.zeros(1, frames, channels), torch.full((1,), frames)
    with torch.inference_mode():
        return count.total(count.count(lambda: network.eval()(x, lengths)))
