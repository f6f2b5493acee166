"""Linear discriminants as a network, from the state of a model that has its own `fit`.

"mean" and "std" (d,) standardise each frame, "weights" (k, d) and "bias" (k,) give the logits of "classes"
(k,), and a clip's probabilities are the mean over its frames.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import nn

NAMES = {"mean", "std", "weights", "bias", "classes"}
NEVER = -1e9  # logit of a class that training lacked


class Discriminants(nn.Module):
    """x (b, frames, d), lengths (b,) -> logits (b, n_classes); all clips have as many frames."""

    mean: torch.Tensor
    std: torch.Tensor

    def __init__(self, state: Mapping[str, np.ndarray], n_classes: int) -> None:
        super().__init__()
        tensors = {name: torch.from_numpy(np.array(value)) for name, value in state.items()}
        self.register_buffer("mean", tensors["mean"])
        self.register_buffer("std", tensors["std"])
        self.linear = nn.Linear(len(self.mean), n_classes)
        with torch.no_grad():
            self.linear.weight.zero_()
            self.linear.bias.fill_(NEVER)
            self.linear.weight[tensors["classes"]] = tensors["weights"]
            self.linear.bias[tensors["classes"]] = tensors["bias"]

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        return self.linear((x - self.mean) / self.std).softmax(dim=2).mean(dim=1).log()
