"""From a wave to what a model is given: front ends, removed level and length policy, as ONNX holds them."""

from __future__ import annotations

import torch
from torch import nn

from benchmark.features import front_ends, stack
from benchmark.features.mel_network import middle
from benchmark.features.stack import Stack
from protocols.contract import Features


class WaveInput(nn.Module):
    """wave (samples,) -> x (1, frames, channels), lengths (1,): what `feature_store.clips` gives of it."""

    def __init__(self, features: Stack) -> None:
        super().__init__()
        self.channels = nn.ModuleList(Channels(each) for each in features)
        self.limit = stack.limit(features)

    def forward(self, wave: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = torch.cat([each(wave) for each in self.channels], dim=1)  # (frames, channels)
        frames = x.shape[0]
        if self.limit is not None:
            x, frames = middle(x, self.limit), torch.sym_min(frames, self.limit)
        return x[None], torch.full((1,), frames)


class Channels(nn.Module):
    """wave (samples,) -> (frames, channels) of one front end, as `front_ends.given` gives it to a model."""

    def __init__(self, features: Features) -> None:
        super().__init__()
        self.features, self.declared = features, front_ends.declaration(features)
        assert self.declared.network is not None
        self.network = self.declared.network(**front_ends.options(features))

    def forward(self, wave: torch.Tensor) -> torch.Tensor:
        x = self.network(wave)
        if self.features.functionals:
            x = torch.cat([FUNCTIONALS[name](x) for name in self.features.functionals], dim=1)
        if self.declared.half:
            x = x.half().float()
        return self.network.without_level(x) if self.features.level == "removed" else x


FUNCTIONALS = {  # (frames, channels) -> (1, channels)
    "mean": lambda x: x.mean(dim=0, keepdim=True),
    "std": lambda x: x.std(dim=0, correction=0, keepdim=True),
    "min": lambda x: x.amin(dim=0, keepdim=True),
    "max": lambda x: x.amax(dim=0, keepdim=True),
}
