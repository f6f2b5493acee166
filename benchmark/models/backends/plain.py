"""Objects with their own `fit` and `predict_proba`."""

from __future__ import annotations

from typing import Any

from benchmark.features.stack import Stack
from benchmark.models.backends.backend import Backend
from protocols.contract import Declaration, Model
from protocols.errors import PluginError


class Plain(Backend):
    """Whatever has the two methods; it declares nothing beyond what every model does."""

    def check(self, model: type[Declaration], features: Stack, reference: str) -> None:
        super().check(model, features, reference)
        if not all(callable(getattr(model, name, None)) for name in ("fit", "predict_proba")):
            raise PluginError(
                f"{reference}: is no SklearnModel or TorchModel, and lacks fit or predict_proba."
            )

    def onnx_network(self, model: Model, name: str) -> Any:
        """Of linear discriminants, which a model's state shows."""
        from benchmark.models.backends import discriminants  # which imports torch

        state = model.state() if self.keepable(type(model)) else {}  # type: ignore[arg-type, attr-defined]
        if state.keys() != discriminants.NAMES:
            return super().onnx_network(model, name)
        return discriminants.Discriminants(state, model.n_classes)  # type: ignore[attr-defined]
