"""A network behind the standardisation of its input's channels, fitted on the train clips."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import nn

from protocols.contract import ClipBatch


class Standardised(nn.Module):
    """x (b, frames, channels), lengths (b,) -> the network's answer; padding stays zero."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, network: nn.Module, channels: int) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.zeros(channels))
        self.register_buffer("deviation", torch.ones(channels))

    def fit(self, clips: ClipBatch) -> None:
        """Take mean and deviation of each channel over all frames of all clips."""
        n = clips.lengths.sum()
        mean = sum(clip.sum(axis=0, dtype=np.float64) for clip in clips.inputs) / n
        variance = sum(((clip - mean) ** 2).sum(axis=0) for clip in clips.inputs) / n
        deviation = np.sqrt(np.where(variance > 1e-10, variance, 1.0))  # a constant channel stays as it is
        self.mean = torch.from_numpy(mean.astype(np.float32))
        self.deviation = torch.from_numpy(deviation.astype(np.float32))

    def standardised(self, clips: ClipBatch) -> ClipBatch:
        """The same clips as the network sees them, so that this is done once for all epochs."""
        mean, deviation = self.mean.cpu().numpy(), self.deviation.cpu().numpy()
        inputs, *copies = (
            [(clip - mean) / deviation for clip in each] for each in (clips.inputs, *clips.copies)
        )
        return replace(clips, inputs=inputs, copies=copies)

    def standardise(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        real = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # (b, frames)
        return (x - self.mean) / self.deviation * real[..., None]

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        return self.network(self.standardise(x, lengths), lengths)
