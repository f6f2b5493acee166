"""Trains many networks of one architecture at once: the fits of folds, inner folds, trials and seeds.

Each is trained as if it were alone: on its own clips, with its own seed, hyperparameters, batches, schedule.
What chance decides for it follows from its seed alone, not from its companions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmark.training import stacked_checkpoint, stacked_step, training, weight_average
from benchmark.training.recorded import Recorded
from benchmark.training.stacked_inputs import StackedInputs
from benchmark.training.stacked_loss import StackedLoss
from benchmark.training.stacked_network import StackedNetwork
from benchmark.training.stacked_optimiser import StackedAdam
from benchmark.training.stacked_plan import Planner, StackedPlan
from benchmark.training.stacked_step import FeatureAndAnswer, StackedStep
from protocols.contract import ClipBatch, FitInfo, Recipe, TorchModel

ASKED = 64  # clips of each fit that are predicted at once


@dataclass(frozen=True, kw_only=True)
class Fit:
    """One network to train. Clips are named by their places among the stack's."""

    params: Mapping[str, Any]
    seed: int
    epochs: int
    train: np.ndarray  # (n,) int64
    validation: np.ndarray | None = None  # (v,) int64
    teacher: np.ndarray | None = None  # (1 + copies, clips, width): its teacher's feature of every clip


class Stack:
    """M fits of one plugin, trained side by side, epoch after epoch.

    `losses` has of each epoch (M,), means over its rows; `curve` of each epoch and fit the
    probabilities of its validation clips, (v, classes).
    """

    def __init__(
        self,
        plugin: type[TorchModel],
        n_classes: int,
        clips: ClipBatch,
        fits: Sequence[Fit],
        *,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
    ) -> None:
        """`clips` are all that the fits name, with labels; every batch is padded to the longest of them.

        So without `clips.frames`, batch normalisation sees more padding in training than it would alone.
        NotImplementedError where a layer cannot be stacked, ValueError where the fits differ in what the
        networks of a stack share.
        """
        assert clips.labels is not None
        self.fits, self.labels, self.device, self.dtype = fits, clips.labels, device, dtype
        recipes, rows = [plugin.recipe(fit.params) for fit in fits], [fit.train for fit in fits]
        self.alone = _alone(recipes, fits)
        torch.use_deterministic_algorithms(True)
        on: dict[str, Any] = {"device": device, "dtype": dtype}
        self.inputs = StackedInputs(clips, recipes, rows, **on)
        self.network = StackedNetwork([_built(plugin, n_classes, clips, fit) for fit in fits], **on)
        self.decays = [recipe.ema for recipe in recipes]
        self.predictive = self.network.clone() if any(self.decays) else self.network
        features = [fit.teacher for fit in fits if fit.teacher is not None]
        self.step = StackedStep(
            self.network,
            self.inputs,
            StackedLoss(recipes, [clips.labels[own] for own in rows], n_classes, **on),
            StackedAdam(self.network.weights, recipes),
            features=stacked_step.side_by_side(features, **on) if features else None,
            predictive=self.predictive,
        )
        self.planner = Planner(
            recipes,
            rows,
            seeds=[fit.seed for fit in fits],
            epochs=[fit.epochs for fit in fits],
            clips=len(clips),
            copies=len(clips.copies),
        )
        self.epoch, self.upcoming = 0, self.planner.plan(1)
        self.losses: list[np.ndarray] = []
        self.curve: list[list[np.ndarray]] = []
        self._whole = Recorded(self.step.whole, device=device)
        self._only_distance = Recorded(self.step.only_distance, device=device)
        self._probabilities = Recorded(self.step.probabilities, device=device)

    def train(self) -> None:
        """All epochs that are left."""
        for _ in range(self.epoch, max(fit.epochs for fit in self.fits)):
            self.train_epoch()

    def train_epoch(self) -> None:
        """One more epoch of each fit that has one left, and what its network then says of validation."""
        self.epoch += 1
        step = self._only_distance if self.epoch <= self.alone else self._whole
        total: Any = 0
        for batch in zip(*self._on_device(self.upcoming), strict=True):
            total = total + step(*batch)
        self.upcoming = self.planner.plan(self.epoch + 1)  # while the device works
        self.losses.append(total.cpu().numpy() / self.planner.held)
        if self.predictive is not self.network:
            self.predictive.approach(self.network, self._shares())
        if any(fit.validation is not None for fit in self.fits):
            self.curve.append(self.predict([_or_none(fit.validation) for fit in self.fits]))

    def predict(self, rows: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Each network's probabilities of its own clips: (rows, classes) float64."""
        most = -(-max(map(len, rows)) // ASKED) * ASKED
        places = np.stack([np.pad(own, (0, most - len(own))) for own in rows])  # (M, most)
        asked = torch.from_numpy(places).to(self.device).split(ASKED, dim=1)
        answers = [self._probabilities(part.contiguous()).clone() for part in asked]
        found = torch.cat(answers, dim=1).double().cpu().numpy()
        return [own[: len(clips)] for own, clips in zip(found, rows, strict=True)]

    def info(self, m: int) -> FitInfo:
        """What fit m has given, of the epochs that were trained here, as `Training.info` has it."""
        fit, end = self.fits[m], min(self.epoch, self.fits[m].epochs)
        done = range(self.epoch - len(self.losses), end)  # epochs, from 0 on
        curves = {"train loss": [float(losses[m]) for losses in self.losses[: len(done)]]}
        if fit.validation is None:
            return FitInfo(end, curves)
        predicted = [each[m].astype(np.float32) for each in self.curve[: len(done)]]
        labels = self.labels[fit.validation]
        curves["validation UAR"] = [training.uar(labels, each) for each in predicted]
        shown = [
            each if epoch >= self.alone else np.full_like(each, np.nan)
            for epoch, each in zip(done, predicted, strict=True)
        ]
        return FitInfo(end, curves, np.stack(shown) if shown else None)

    def checkpoint(self, m: int) -> dict[str, np.ndarray]:
        """Where fit m stands, as `Training.state` gives it."""
        moments = stacked_checkpoint.moments(self.network, self.step.optimiser, m, prefix=self._prefix)
        networks = {"network": self.network} | ({"average": self.predictive} if self.decays[m] else {})
        weights = {
            f"{kind}/{name}": value
            for kind, network in networks.items()
            for name, value in self._state(network, m).items()
        }
        return weights | moments

    def resume(self, checkpoints: Sequence[Mapping[str, np.ndarray]], *, epoch: int) -> None:
        """Go on from what `checkpoint`, or `Training.state`, gave of each fit after this epoch.

        Before the first step.
        """
        stacked_checkpoint.load(
            self.network, self.predictive, self.step.optimiser, checkpoints, prefix=self._prefix
        )
        self.epoch, self.upcoming = epoch, self.planner.plan(epoch + 1)

    def state(self, m: int) -> dict[str, np.ndarray]:
        """Network m's weights and standardisation, as `Trainer.load_state` takes them."""
        return self._state(self.predictive, m)

    def _state(self, network: StackedNetwork, m: int) -> dict[str, np.ndarray]:
        standard = self.inputs.standards[m]
        values = {f"{self._prefix}{name}": value.numpy() for name, value in network.state(m).items()}
        return {"mean": standard.mean.numpy(), "deviation": standard.deviation.numpy(), **values}

    def _shares(self) -> list[float]:
        """What this epoch has in each fit's average: nothing once its epochs are over."""
        return [
            weight_average.share(decay, self.epoch) if self.epoch <= fit.epochs else 0.0
            for decay, fit in zip(self.decays, self.fits, strict=True)
        ]

    @property
    def _prefix(self) -> str:
        """How a parameter's name begins in a trainer; `FeatureAndAnswer`'s begin so already."""
        return "network." if self.step.features is None else ""

    def _on_device(self, plan: StackedPlan) -> StackedPlan:
        tensors = [torch.from_numpy(values).to(self.device) for values in plan]
        return StackedPlan(*(one.to(self.dtype) if one.is_floating_point() else one for one in tensors))


def _built(plugin: type[TorchModel], n_classes: int, clips: ClipBatch, fit: Fit) -> nn.Module:
    """A fit's network before its first step, as its trainer would build it."""
    torch.manual_seed(fit.seed)
    network = plugin.build(n_classes, clips.inputs[0].shape[1], fit.params)
    return network if fit.teacher is None else FeatureAndAnswer(network)


def _alone(recipes: Sequence[Recipe], fits: Sequence[Fit]) -> int:
    """For how many epochs only the teachers are followed; ValueError where the fits do not agree."""
    if not any(recipe.distillation for recipe in recipes):
        return 0
    if any(fit.teacher is None for fit in fits):
        raise ValueError("the recipe has distillation, and a fit has no teacher's features")
    if any(recipe.augmentation or recipe.mixup for recipe in recipes):
        raise ValueError("a teacher's features are computed once; so the recipe may not alter clips anew")
    found = {
        min(recipe.distillation_epochs, fit.epochs - 1) for recipe, fit in zip(recipes, fits, strict=True)
    }
    if len(found) > 1:
        raise ValueError("the fits of a stack have as many epochs of distillation alone")
    return found.pop()


def _or_none(rows: np.ndarray | None) -> np.ndarray:
    return np.zeros(0, dtype=np.int64) if rows is None else rows
