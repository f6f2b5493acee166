"""What a fit makes small: cross-entropy, mixed clips' included, and the distance to a teacher's feature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from protocols.contract import Recipe


@dataclass(frozen=True, kw_only=True)
class Objective:
    """The loss of one batch of standardised, augmented features."""

    recipe: Recipe
    class_weights: torch.Tensor | None  # (n_classes,)
    teacher: nn.Module | None = None  # whose `embed` the network's is to match

    def __call__(
        self,
        network: nn.Module,
        x: torch.Tensor,
        lengths: torch.Tensor,
        labels: torch.Tensor,
        *,
        only_distillation: bool = False,
    ) -> torch.Tensor:
        """x (b, frames, channels), lengths (b,), labels (b,) -> a scalar.

        With `only_distillation`, the distance to the teacher alone: the second stage of Kim & Lee (2024).
        """
        if self.teacher is not None:
            feature = network.embed(x, lengths)  # type: ignore[operator]  # (b, width)
            with torch.no_grad():
                wanted = self.teacher.embed(x, lengths)  # type: ignore[operator]
            distance = functional.l1_loss(feature, wanted)
            if only_distillation:
                return distance
            return self._cross_entropy(network.head(feature), labels) + self.recipe.distillation * distance  # type: ignore[operator]
        if self.recipe.mixup:
            return self._mixed(network, x, lengths, labels)
        return self._cross_entropy(network(x, lengths), labels)

    def _mixed(
        self, network: nn.Module, x: torch.Tensor, lengths: torch.Tensor, labels: torch.Tensor
    ) -> torch.Tensor:
        """Each clip with another one of its batch, in one proportion (Zhang et al., ICLR 2018)."""
        a = torch.full((1,), self.recipe.mixup, device=x.device)
        share = torch.distributions.Beta(a, a).sample()
        other = torch.randperm(len(x), device=x.device)
        logits = network(share * x + (1 - share) * x[other], torch.maximum(lengths, lengths[other]))
        mixed = share * self._cross_entropy(logits, labels)
        return (mixed + (1 - share) * self._cross_entropy(logits, labels[other])).squeeze(0)

    def _cross_entropy(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(
            logits, labels, self.class_weights, label_smoothing=self.recipe.label_smoothing
        )


def class_weights(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Inverse frequencies of the classes that `labels` (n,) has, 0 for the others: (n_classes,)."""
    counts = np.bincount(labels, minlength=n_classes)
    return np.where(counts > 0, len(labels) / (np.maximum(counts, 1) * np.count_nonzero(counts)), 0.0)
