"""Trains a `TorchModel`'s network by its recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmark import metrics
from protocols.contract import Clips, FitInfo, Report, TorchModel


class Trainer:
    """A `Model` made of a network and a recipe."""

    def __init__(
        self, plugin: type[TorchModel], n_classes: int, *, seed: int, device: str, params: Mapping[str, Any]
    ) -> None:
        self.plugin, self.n_classes, self.seed, self.device = plugin, n_classes, seed, device
        self.params, self.recipe = params, plugin.recipe(params)
        self.network: nn.Module | None = None

    @property
    def parameters(self) -> int:
        """Trainable parameters of the fitted network."""
        assert self.network is not None
        return sum(p.numel() for p in self.network.parameters() if p.requires_grad)

    def fit(
        self,
        train: Clips,
        valid: Clips | None = None,
        *,
        epochs: int | None = None,
        report: Report | None = None,
        context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> FitInfo:
        """With `valid`, train for at most `epochs` and keep the best; without, for exactly so many.

        The schedule always ends with the last epoch, also where that is fewer than the recipe's.
        """
        torch.manual_seed(self.seed)
        torch.use_deterministic_algorithms(True)
        rng = np.random.default_rng(self.seed)
        assert train.labels is not None
        channels = train.inputs[0].shape[1]
        network = self.plugin.build(self.n_classes, channels, self.params)
        if self.recipe.standardise:
            network = Standardised(network, *_statistics(train))
        self.network = network.to(self.device)
        epochs = (
            min(epochs or self.recipe.epochs, self.recipe.epochs) if valid else epochs or self.recipe.epochs
        )
        steps = epochs * -(-len(train) // self.recipe.batch_size)
        optimiser, schedule = self._optimiser(steps)
        loss = nn.CrossEntropyLoss(
            self._class_weights(train.labels), label_smoothing=self.recipe.label_smoothing
        )
        best, best_epoch, best_state = (-1.0, -np.inf), epochs, None
        curves: dict[str, list[float]] = {"train loss": [], "valid UAR": []}
        for epoch in range(1, epochs + 1):
            curves["train loss"].append(self._epoch(train, rng, optimiser, schedule, loss))
            if valid is None or valid.labels is None:
                continue
            probabilities = self.predict_proba(valid)
            matrix = metrics.confusion(valid.labels, metrics.predicted(probabilities), self.n_classes)
            score = (float(metrics.uar(matrix)), -metrics.cross_entropy(valid.labels, probabilities))
            curves["valid UAR"].append(score[0])
            if score > best:
                best, best_epoch = score, epoch
                best_state = {name: value.clone() for name, value in self.network.state_dict().items()}
            if report:
                report(epoch, score[0])
        if best_state is not None:
            self.network.load_state_dict(best_state)
        return FitInfo(epochs=best_epoch, curves=curves)

    def predict_proba(self, clips: Clips) -> np.ndarray:
        assert self.network is not None
        self.network.eval()
        out = []
        with torch.inference_mode():
            # Clips of like length share a batch; the network must not let padding count.
            for rows in np.array_split(np.argsort(clips.lengths, kind="stable"), -(-len(clips) // 64)):
                out.append((rows, torch.softmax(self._logits(clips, rows), dim=1).double().cpu().numpy()))
        probabilities = np.empty((len(clips), self.n_classes))
        for rows, values in out:
            probabilities[rows] = values
        return probabilities

    def state(self) -> dict[str, np.ndarray]:
        """The fitted weights, standardisation included."""
        assert self.network is not None
        return {name: value.cpu().numpy() for name, value in self.network.state_dict().items()}

    def _logits(self, clips: Clips, rows: np.ndarray) -> torch.Tensor:
        assert self.network is not None
        x, lengths = clips.batch(rows)
        return self.network(torch.from_numpy(x).to(self.device), torch.from_numpy(lengths).to(self.device))

    def _epoch(
        self,
        train: Clips,
        rng: np.random.Generator,
        optimiser: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        loss: nn.Module,
    ) -> float:
        assert self.network is not None
        self.network.train()
        labels = torch.from_numpy(train.labels).to(self.device)
        order, total = rng.permutation(len(train)), 0.0
        for rows in np.array_split(order, -(-len(order) // self.recipe.batch_size)):
            value = loss(self._logits(train, rows), labels[rows])
            optimiser.zero_grad()
            value.backward()
            if self.recipe.clip_norm is not None:
                nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip_norm)
            optimiser.step()
            schedule.step()
            total += value.item() * len(rows)
        return total / len(order)

    def _optimiser(self, steps: int) -> tuple[torch.optim.Optimizer, torch.optim.lr_scheduler.LRScheduler]:
        assert self.network is not None
        kinds = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}
        optimiser = kinds[self.recipe.optimiser](
            self.network.parameters(), lr=self.recipe.learning_rate, weight_decay=self.recipe.weight_decay
        )
        if self.recipe.schedule == "cosine":
            return optimiser, torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
        return optimiser, torch.optim.lr_scheduler.ConstantLR(optimiser, factor=1.0)

    def _class_weights(self, labels: np.ndarray) -> torch.Tensor | None:
        if not self.recipe.class_weights:
            return None
        counts = np.bincount(labels, minlength=self.n_classes)
        weights = np.where(counts > 0, len(labels) / (np.maximum(counts, 1) * np.count_nonzero(counts)), 0.0)
        return torch.tensor(weights, dtype=torch.float32, device=self.device)


class Standardised(nn.Module):
    """A network behind the standardisation of its input's channels; padding stays zero."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, network: nn.Module, mean: np.ndarray, deviation: np.ndarray) -> None:
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.from_numpy(mean))
        self.register_buffer("deviation", torch.from_numpy(deviation))

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        real = torch.arange(x.shape[1], device=x.device) < lengths[:, None]  # (b, frames)
        return self.network((x - self.mean) / self.deviation * real[..., None], lengths)


def _statistics(clips: Clips) -> tuple[np.ndarray, np.ndarray]:
    """Mean and standard deviation of each channel over all frames of all clips: (channels,) float32 twice."""
    n = clips.lengths.sum()
    mean = sum(clip.sum(axis=0, dtype=np.float64) for clip in clips.inputs) / n
    variance = sum(((clip - mean) ** 2).sum(axis=0) for clip in clips.inputs) / n
    return mean.astype(np.float32), np.sqrt(np.maximum(variance, 1e-10)).astype(np.float32)
