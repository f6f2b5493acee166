"""From what a model is given to calibrated probabilities, as an ONNX graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnx_ir
import torch
from torch import nn

from benchmark.cost import graph
from benchmark.execution.model_card import Card
from benchmark.models.plugins import Plugin
from benchmark.scores import calibration
from protocols.contract import ClipBatch, Model
from protocols.errors import PluginError

ANSWER = "probabilities"
ML_OPSET = 3  # of the operators for scikit-learn's models


class Calibrated(nn.Module):
    """A network, whose logits become probabilities at a temperature: `calibration.calibrated`."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        logarithm = self.network(x, lengths).log_softmax(dim=1).clamp(min=np.log(calibration.LEAST))
        return (logarithm / self.temperature).softmax(dim=1)  # (1, classes)


class Logarithm(nn.Module):
    """Probabilities as logits."""

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        return x.clamp(min=calibration.LEAST).log()


def of(plugin: Plugin, model: Model, card: Card, clip: ClipBatch) -> onnx.ModelProto:
    """A fitted model as a graph: x (1, frames, channels), lengths (1,) -> probabilities (1, classes).

    `clip`: one, as the model is given it. PluginError where its kind has no graph; else exporters raise
    almost anything.
    """
    x, lengths = map(torch.from_numpy, clip.batch())
    any_size = None if clip.frames or x.shape[1] == 1 else {"x": {1: "frames"}}
    if (estimator := plugin.backend.estimator(model)) is not None:
        return _of_estimator(estimator, card, x)
    network = plugin.backend.onnx_network(model, card.model.name).cpu()
    inputs = {"x": x, "lengths": lengths}
    return graph.exported(Calibrated(network, card.temperature), inputs, [ANSWER], any_size=any_size)


def _of_estimator(estimator: Any, card: Card, x: torch.Tensor) -> onnx.ModelProto:
    """What scikit-learn has fitted, by skl2onnx, behind a layer that flattens x."""
    from skl2onnx import to_onnx

    if not hasattr(estimator, "predict_proba"):
        raise PluginError("its estimator gives margins and no probabilities.")
    if list(estimator.classes_) != list(range(len(card.labels))):
        raise PluginError("its training clips lack an emotion.")
    with graph.quiet():
        fitted = to_onnx(
            estimator,
            x.reshape(1, -1).numpy(),
            options={"zipmap": False},
            target_opset={"": graph.OPSET, "ai.onnx.ml": ML_OPSET},
        )
    first = graph.exported(Flat(), {"x": x}, ["flat"])
    raw, lengths = torch.full((1, len(card.labels)), 0.5), torch.ones(1, dtype=torch.int64)
    calibrated = Calibrated(Logarithm(), card.temperature)
    last = graph.exported(calibrated, {"raw": raw, "lengths": lengths}, [ANSWER])
    middle = graph.stripped(onnx_ir.from_proto(fitted))
    return graph.joined(graph.joined(first, middle, {"flat": "X"}), last, {"probabilities": "raw"})


class Flat(nn.Module):
    """x (1, frames, channels) -> (1, values)."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(start_dim=1)
