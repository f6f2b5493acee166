"""How a model of each kind is made."""

from __future__ import annotations

from typing import Any

from benchmark.models.plugins import Plugin
from protocols.contract import Model, TorchModel


def make(plugin: Plugin, n_classes: int, *, seed: int, device: str, params: dict[str, Any]) -> Model:
    """A fresh, unfitted model."""
    if issubclass(plugin.model, TorchModel):
        from benchmark.training.trainer import Trainer

        return Trainer(plugin.model, n_classes, seed=seed, device=device, params=params)
    return plugin.model(n_classes, seed=seed, device=device, **params)  # type: ignore[call-arg, return-value]
