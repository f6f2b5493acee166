"""What a fit makes small: cross-entropy, mixed clips' included, and the distance to a teacher's feature."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from protocols.contract import Recipe


class Mix(NamedTuple):
    """How the clips of a batch are mixed where the recipe says so (Zhang et al., ICLR 2018)."""

    partners: torch.Tensor  # (b,) places in the batch
    share: float  # that a clip keeps


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
        mix: Mix | None = None,
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
        if not self.recipe.mixup:
            return self._cross_entropy(network(x, lengths), labels)
        assert mix is not None
        other, share = mix
        logits = network(share * x + (1 - share) * x[other], torch.maximum(lengths, lengths[other]))
        mixed = share * self._cross_entropy(logits, labels)
        return mixed + (1 - share) * self._cross_entropy(logits, labels[other])

    def _cross_entropy(self, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(
            logits, labels, self.class_weights, label_smoothing=self.recipe.label_smoothing
        )


def class_weights(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Inverse frequencies of the classes that `labels` (n,) has, 0 for the others: (n_classes,)."""
    counts = np.bincount(labels, minlength=n_classes)
    return np.where(counts > 0, len(labels) / (np.maximum(counts, 1) * np.count_nonzero(counts)), 0.0)
