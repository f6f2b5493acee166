"""The objective of each of M networks, over the real rows of its batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from benchmark.training.loss import class_weights
from protocols.contract import Recipe


class StackedLoss:
    """Cross-entropy as each recipe weights and smooths it, and the distance to a teacher's feature."""

    def __init__(
        self,
        recipes: Sequence[Recipe],
        labels: Sequence[np.ndarray],
        n_classes: int,
        *,
        device: str,
        dtype: torch.dtype,
    ) -> None:
        """`labels` (n,) are those of each fit's training clips."""
        weights = [
            class_weights(own, n_classes) if recipe.class_weights else np.ones(n_classes)
            for own, recipe in zip(labels, recipes, strict=True)
        ]
        self.weights = torch.from_numpy(np.stack(weights)).to(device, dtype)  # (M, classes)
        on: dict[str, Any] = {"device": device, "dtype": dtype}
        self.smoothing = torch.tensor([one.label_smoothing for one in recipes], **on)  # (M,)
        self.distillation = torch.tensor([one.distillation for one in recipes], **on)  # (M,)

    def cross_entropy(self, logits: torch.Tensor, labels: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """(M, b, classes), (M, b), (M, b) 1 or 0 -> (M,), PyTorch's with weights of classes and smoothing."""
        scores = logits.log_softmax(2)
        weights = self.weights.gather(1, labels) * real  # (M, b)
        true = (scores.gather(2, labels[..., None])[..., 0] * weights).sum(1)
        spread = ((scores * self.weights[:, None]).sum(2) * real).sum(1) / logits.shape[2]
        return -torch.lerp(true, spread, self.smoothing) / weights.sum(1)

    @staticmethod
    def distance(feature: torch.Tensor, wanted: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
        """(M, b, width) twice, (M, b) -> (M,): the mean absolute difference."""
        return ((feature - wanted).abs().mean(2) * real).sum(1) / real.sum(1)
