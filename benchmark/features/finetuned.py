"""An encoder that is trained along with the network behind it."""

from __future__ import annotations

import torch
from torch import nn


class Finetuned(nn.Module):
    """x (b, frames, bands), lengths (b,) -> what the network makes of the embeddings, (b, 1, width).

    All clips are as long: the encoder reads every frame.
    """

    def __init__(self, encoder: nn.Module, network: nn.Module) -> None:
        super().__init__()
        self.encoder, self.network = encoder.requires_grad_(), network

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        embeddings = self.encoder(x.transpose(1, 2)[:, None])  # (b, width)
        return self.network(embeddings[:, None], torch.ones_like(lengths))
