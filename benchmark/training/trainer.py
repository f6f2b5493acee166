"""Trains a `TorchModel`'s network by its recipe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from benchmark.training import numerics as classes
from benchmark.training.loss import Objective, class_weights
from benchmark.training.standardisation import Standardised
from benchmark.training.training import Training
from protocols.contract import ClipBatch, FitInfo, Report, TorchModel
from protocols.errors import PluginError


class Trainer:
    """A `Model` made of a network and a recipe."""

    network: Standardised

    def __init__(
        self,
        plugin: type[TorchModel],
        n_classes: int,
        *,
        seed: int,
        device: str,
        params: Mapping[str, Any],
        numerics: str = "fp32",
    ) -> None:
        self.plugin, self.n_classes, self.seed, self.device = plugin, n_classes, seed, device
        self.numerics = numerics
        self.params, self.recipe = params, plugin.recipe(params)

    @property
    def parameters(self) -> int:
        """Trainable parameters of the fitted network."""
        return sum(p.numel() for p in self.network.parameters() if p.requires_grad)

    def fit(
        self,
        train: ClipBatch,
        validation: ClipBatch | None = None,
        *,
        epochs: int | None = None,
        report: Report | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> FitInfo:
        """With `validation`, train for at most `epochs`, and predict after each; else for exactly so many.

        The schedule always ends with the last epoch, also where that is fewer than the recipe's. After epochs
        of distillation alone the network's head knows nothing yet: what it predicts then is left out.
        """
        if validation is not None:
            epochs = min(epochs or self.recipe.epochs, self.recipe.epochs)
        training = self.begin(train, epochs=epochs, context=context)
        training.advance(training.epochs, validation, report=report)
        return training.info

    def begin(
        self, train: ClipBatch, *, epochs: int | None = None, context: Mapping[str, Any] | None = None
    ) -> Training:
        """A fit of so many epochs (None: the recipe's), of which none is done yet."""
        torch.manual_seed(self.seed)
        classes.prepare(self.numerics)
        assert train.labels is not None
        self.build(train.inputs[0].shape[1])
        if self.recipe.standardise:
            self.network.fit(train)
        self.network.to(self.device)
        training = Training(
            self.network,
            self.recipe,
            train,
            self._objective(train.labels, context or {}),
            epochs=epochs or self.recipe.epochs,
            seed=self.seed,
            device=self.device,
            numerics=self.numerics,
            predict=self.predict_proba,
        )
        self.network = training.predictive
        return training

    def predict_proba(self, clips: ClipBatch) -> np.ndarray:
        self.network.eval()
        classes.prepare(self.numerics)
        probabilities = np.empty((len(clips), self.n_classes))
        with torch.inference_mode(), classes.forward(self.numerics, self.device):
            # Clips of like length share a batch; the network must not let padding count.
            for rows in np.array_split(np.argsort(clips.lengths, kind="stable"), -(-len(clips) // 64)):
                logits = self.network(*(torch.from_numpy(part).to(self.device) for part in clips.batch(rows)))
                probabilities[rows] = torch.softmax(logits.float(), dim=1).double().cpu().numpy()
        return probabilities

    def state(self) -> dict[str, np.ndarray]:
        """The fitted weights, standardisation included; bfloat16, which NumPy lacks, as float32."""
        tensors = {name: value.cpu() for name, value in self.network.state_dict().items()}
        return {
            name: (value.float() if value.dtype == torch.bfloat16 else value).numpy()
            for name, value in tensors.items()
        }

    def load_state(self, state: Mapping[str, np.ndarray]) -> None:
        """Be the model that gave this state."""
        tensors = {name: torch.from_numpy(value) for name, value in state.items()}
        self._refuse_other(tensors)
        self.build(len(tensors["mean"]))
        self.network.load_state_dict(tensors)
        self.network.to(self.device)

    def _refuse_other(self, tensors: Mapping[str, torch.Tensor]) -> None:
        """RuntimeError for the state of another network, before one of its size is built."""
        try:
            with torch.device("meta"):  # shapes without memory
                self.build(len(tensors["mean"]))
        except (
            NotImplementedError,
            RuntimeError,
        ):  # it needs numbers while it is built: nothing to compare with
            return
        self.network.load_state_dict(tensors, assign=True)

    def build(self, channels: int) -> None:
        """Be untrained: enough to count what a prediction costs."""
        self.network = Standardised(self.plugin.build(self.n_classes, channels, self.params), channels)

    def _objective(self, labels: np.ndarray, context: Mapping[str, Any]) -> Objective:
        teacher = None
        if self.recipe.distillation:
            given = context.get("teacher")
            teacher = getattr(given, "network", None)
            if given is None or not isinstance(teacher, Standardised):
                raise PluginError(
                    f"{self.plugin.info.name}: its recipe has distillation from a teacher; that needs "
                    '`needs={"teacher": NAME}` in its info, with a TorchModel\'s name.'
                )
            if given.recipe.standardise != self.recipe.standardise:
                raise PluginError(
                    f"{self.plugin.info.name}: standardises, and its teacher does not, or vice versa."
                )
            teacher.eval()
        return Objective(
            recipe=self.recipe,
            class_weights=self._class_weights(labels),
            teacher=teacher and teacher.network,
        )

    def _class_weights(self, labels: np.ndarray) -> torch.Tensor | None:
        if not self.recipe.class_weights:
            return None
        weights = class_weights(labels, self.n_classes)
        return torch.tensor(weights, dtype=torch.float32, device=self.device)
