"""A fit of a network on its way: epoch after epoch, with stops between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import cast

import numpy as np
import torch
from torch import nn

from benchmark.scores import metrics
from benchmark.training import epoch_plan, feature_augmentation, numerics, optimiser, weight_average
from benchmark.training.loss import Mix, Objective
from benchmark.training.standardisation import Standardised
from protocols.contract import ClipBatch, FitInfo, Recipe, Report

Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor, Mix]


class Training:
    """So many epochs of a network by a recipe, of which `epoch` are done.

    What chance decides in an epoch follows from the seed and the epoch alone. So a fit can stop after any of
    them, and another process that has the same network, recipe and clips goes on from its `state`.
    """

    def __init__(
        self,
        network: Standardised,
        recipe: Recipe,
        train: ClipBatch,
        objective: Objective,
        *,
        epochs: int,
        seed: int,
        device: str,
        numerics: str,
        predict: Callable[[ClipBatch], np.ndarray],
    ) -> None:
        self.network, self.recipe, self.train, self.objective = (
            network,
            recipe,
            network.standardised(train),
            objective,
        )
        self.epochs, self.seed, self.device, self.predict = epochs, seed, device, predict
        self.numerics = numerics  # a class of `numerics.CLASSES`
        self.epoch = 0
        self.distilling = min(recipe.distillation_epochs, epochs - 1)  # epochs of distillation alone
        self.curves: dict[str, list[float]] = {"train loss": [], "validation UAR": []}
        self.predictions: list[np.ndarray] = []  # (n, classes) of the validation clips, after each epoch
        self.optimiser = optimiser.optimiser(network.parameters(), recipe)
        self.average = weight_average.averaged(network, recipe.ema) if recipe.ema else None
        self.rows = epoch_plan.rows(len(train), recipe, copies=len(train.copies))  # of an epoch
        steps = len(epoch_plan.batch_sizes(self.rows, recipe.batch_size))
        self.paces = optimiser.rates(recipe, steps=epochs * steps).reshape(epochs, steps, 2)

    @property
    def predictive(self) -> Standardised:
        """The network that predicts: the average of its epochs, where the recipe says so."""
        return self.network if self.average is None else cast("Standardised", self.average.module)

    @property
    def info(self) -> FitInfo:
        """What the fit has given, of the epochs that were done here."""
        return FitInfo(self.epoch, self.curves, np.stack(self.predictions) if self.predictions else None)

    def advance(
        self, until: int, validation: ClipBatch | None = None, *, report: Report | None = None
    ) -> None:
        """Train until so many epochs are done; with `validation`, predict after each.

        After epochs of distillation alone the network's head knows nothing yet: what it predicts then is left
        out.
        """
        numerics.prepare(self.numerics)
        while self.epoch < until:
            self.curves["train loss"].append(self._train_epoch())
            if validation is None:
                continue
            predicted = self.predict(validation).astype(np.float32)
            shown = self.epoch > self.distilling
            self.predictions.append(predicted if shown else np.full_like(predicted, np.nan))
            if validation.labels is not None:
                self.curves["validation UAR"].append(uar(validation.labels, predicted))
                if report:
                    report(self.epoch, self.curves["validation UAR"][-1])

    def state(self) -> dict[str, np.ndarray]:
        """The network's weights, their average, and what its optimiser has of each: "exp_avg/NAME" etc."""
        networks = {"network": self.network} | ({"average": self.predictive} if self.recipe.ema else {})
        weights = {
            f"{kind}/{name}": value
            for kind, network in networks.items()
            for name, value in network.state_dict().items()
        }
        moments = {
            f"{kind}/{name}": value
            for name, parameter in self.network.named_parameters()
            for kind, value in self.optimiser.state[parameter].items()
        }
        return {name: value.cpu().numpy() for name, value in (weights | moments).items()}

    def resume(self, state: Mapping[str, np.ndarray], *, epoch: int) -> None:
        """Go on from what `state` gave after this epoch."""
        kinds: dict[str, dict[str, torch.Tensor]] = {}
        for key, value in state.items():
            kind, name = key.split("/", 1)
            kinds.setdefault(kind, {})[name] = torch.from_numpy(np.array(value))
        self.network.load_state_dict(kinds.pop("network"))
        if self.average is not None:
            self.predictive.load_state_dict(kinds.pop("average"))
            self.average.n_averaged.fill_(epoch)
        for name, parameter in self.network.named_parameters():
            for kind, values in kinds.items():
                if name in values:
                    self.optimiser.state[parameter][kind] = values[name].to(self.device)
        self.epoch = epoch

    def _train_epoch(self) -> float:
        """One epoch; the mean loss of its rows."""
        plan = epoch_plan.drawn(
            len(self.train), self.recipe, copies=len(self.train.copies), seed=self.seed, epoch=self.epoch + 1
        )
        pace, total = self.paces[self.epoch], 0.0
        self.epoch += 1
        self.network.train()
        # On a CPU for it alone: to look for devices that are not used takes as long as a small step.
        on_cpu = torch.device(self.device).type == "cpu"
        reseed = torch.default_generator.manual_seed if on_cpu else torch.manual_seed
        for (rate, beta1), seed, batch in zip(pace, plan.seeds, self._batches(plan), strict=True):
            reseed(int(seed))  # dropout
            with numerics.forward(self.numerics, self.device):
                loss = self.objective(
                    self.network.network, *batch, only_distillation=self.epoch <= self.distilling
                )
            for group in self.optimiser.param_groups:
                group["lr"], group["betas"] = float(rate), (float(beta1), group["betas"][1])
            self.optimiser.zero_grad()
            loss.backward()
            if self.recipe.clip_norm is not None:
                nn.utils.clip_grad_norm_(self.network.parameters(), self.recipe.clip_norm)
            self.optimiser.step()
            total += loss.item() * len(batch[0])
        if self.average is not None:
            self.average.update_parameters(self.network)
        return total / self.rows

    def _batches(self, plan: epoch_plan.EpochPlan) -> Iterator[Batch]:
        """x (b, frames, channels), augmented, lengths (b,), labels (b,), how they mix."""
        assert self.train.labels is not None
        ends = np.cumsum(plan.sizes)
        for number, (start, end) in enumerate(zip(ends - plan.sizes, ends, strict=True)):
            part = slice(start, end)
            rows, copies = plan.order[part], plan.copies[part] if self.train.copies else None
            x, lengths = self._on_device(*self.train.batch(rows, copies=copies))
            luck, partners, labels = self._on_device(
                plan.luck[part].transpose(1, 2, 0).astype(np.float32),
                plan.partners[part],
                self.train.labels[rows],
            )
            x = feature_augmentation.augmented(x, lengths, self.recipe.augmentation, luck=luck)
            yield x, lengths, labels, Mix(partners, float(plan.shares[number]))

    def _on_device(self, *arrays: np.ndarray) -> tuple[torch.Tensor, ...]:
        return tuple(torch.from_numpy(array).to(self.device) for array in arrays)


def uar(labels: np.ndarray, probabilities: np.ndarray) -> float:
    """Of probabilities (n, classes)."""
    matrix = metrics.confusion(labels, metrics.predicted(probabilities), probabilities.shape[1])
    return float(metrics.uar(matrix))
