"""One step of M networks, and what they answer: what a GPU records once and replays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmark.training.stacked_inputs import StackedInputs
from benchmark.training.stacked_loss import StackedLoss
from benchmark.training.stacked_network import StackedNetwork
from benchmark.training.stacked_optimiser import StackedAdam
from benchmark.training.stacked_plan import StackedPlan


class StackedStep:
    """`features` (M, rows, width) are the teachers' of all clips, where there are teachers.

    `predictive` are the networks that predict: the same, or their averages.
    """

    def __init__(
        self,
        network: StackedNetwork,
        inputs: StackedInputs,
        loss: StackedLoss,
        optimiser: StackedAdam,
        *,
        features: torch.Tensor | None,
        predictive: StackedNetwork,
    ) -> None:
        self.network, self.inputs, self.loss, self.optimiser = network, inputs, loss, optimiser
        self.features, self.predictive = features, predictive

    def whole(self, *step: torch.Tensor) -> torch.Tensor:
        """A step by the whole objective; each network's loss times its clips, (M,)."""
        batch = StackedPlan(*step)
        answer = self._answer(batch)
        if self.features is None:
            return self._descend(self._cross_entropy(answer, batch), batch)
        feature, logits = answer
        losses = self._cross_entropy(logits, batch) + self.loss.distillation * self._distance(feature, batch)
        return self._descend(losses, batch)

    def only_distance(self, *step: torch.Tensor) -> torch.Tensor:
        """Likewise, with the distance to the teacher's feature as the only loss."""
        batch = StackedPlan(*step)
        feature, _ = self._answer(batch)
        return self._descend(self._distance(feature, batch), batch)

    @torch.no_grad()
    def probabilities(self, clips: torch.Tensor) -> torch.Tensor:
        """Places (M, a) -> (M, a, classes)."""
        self.predictive.base.eval()
        x, lengths = self.inputs.standardised(clips)
        still = {"seeds": clips.new_zeros(len(clips)), "active": x.new_zeros(len(clips))}
        answer = self.predictive(x, lengths, rows=x.new_ones(clips.shape), **still)
        return torch.softmax(answer if self.features is None else answer[1], dim=2)

    def _answer(self, batch: StackedPlan) -> Any:
        self.network.base.train()
        x, lengths = self.inputs.augmented(batch)
        return self.network(x, lengths, rows=batch.real, seeds=batch.seeds, active=batch.active)

    def _cross_entropy(self, logits: torch.Tensor, batch: StackedPlan) -> torch.Tensor:
        labels = self.inputs.labels[batch.clips]  # (M, b)
        losses = self.loss.cross_entropy(logits, labels, batch.real)
        if not self.inputs.mixed:
            return losses
        others = self.inputs.partner(labels.flatten(), batch).view_as(labels)
        return torch.lerp(self.loss.cross_entropy(logits, others, batch.real), losses, batch.shares)

    def _distance(self, feature: torch.Tensor, batch: StackedPlan) -> torch.Tensor:
        assert self.features is not None
        fit = torch.arange(len(feature), device=feature.device)[:, None]
        return self.loss.distance(feature, self.features[fit, batch.clips], batch.real)

    def _descend(self, losses: torch.Tensor, batch: StackedPlan) -> torch.Tensor:
        gradients, live = self.network.gradients(losses.sum())
        rate, beta1, active = (column[:, None] for column in (batch.rates, batch.betas, batch.active))
        self.optimiser.step(gradients, rate=rate, beta1=beta1, active=active, live=live)
        return losses.detach() * batch.real.sum(1) * batch.active


class FeatureAndAnswer(nn.Module):
    """A network that is taught, which says its feature too."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        feature = self.network.embed(x, lengths)  # type: ignore[operator]
        return feature, self.network.head(feature)  # type: ignore[operator]


def side_by_side(features: Sequence[np.ndarray], *, device: str, dtype: torch.dtype) -> torch.Tensor:
    """Each teacher's features, (1 + copies, clips, width) -> (M, rows, width)."""
    return torch.stack([torch.from_numpy(np.concatenate(own)) for own in features]).to(device, dtype)
