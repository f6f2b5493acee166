"""From what a model is given to calibrated probabilities, as an ONNX graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnx_ir
import torch
from torch import nn

from benchmark.cost import graph
from benchmark.features import front_ends
from benchmark.models.plugins import Plugin
from benchmark.scores import calibration
from protocols.contract import ClipBatch, Model
from protocols.errors import PluginError

ANSWER = "probabilities"
ML_OPSET = 3  # of the operators for scikit-learn's models
MODEL = f'<ir_version: {graph.IR}, opset_import: ["": {graph.OPSET}]> '
HEAD = "head (float[1, {frames}, {channels}] x) => (float[1, {values}] flat) {{ flat = Flatten(x) }}"
TAIL = """tail (float[1, {classes}] raw) => (float[1, {classes}] probabilities)
<float least = {{{least}}}, float temperature = {{{temperature}}}> {{
    certain = Max(raw, least)
    logarithm = Log(certain)
    scaled = Div(logarithm, temperature)
    probabilities = Softmax<axis = 1>(scaled)
}}"""


class Calibrated(nn.Module):
    """A network, whose logits become probabilities at a temperature: `calibration.calibrated`."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        logarithm = self.network(x, lengths).log_softmax(dim=1).clamp(min=np.log(calibration.LEAST))
        return (logarithm / self.temperature).softmax(dim=1)  # (1, classes)


def of(plugin: Plugin, model: Model, clip: ClipBatch, *, classes: int, temperature: float) -> onnx.ModelProto:
    """A fitted model as a graph: x (1, frames, channels), lengths (1,) -> probabilities (1, classes).

    `clip`: one, as the model is given it. PluginError where its kind has no graph; else exporters raise
    almost anything.
    """
    x, lengths = map(torch.from_numpy, clip.batch())
    if (estimator := plugin.backend.estimator(model)) is not None:
        return _of_estimator(estimator, x, classes, temperature)
    one_size = clip.frames or front_ends.fixed(plugin.features[0])
    network = plugin.backend.onnx_network(model, plugin.info.name).cpu()
    return graph.exported(
        Calibrated(network, temperature),
        {"x": x, "lengths": lengths},
        [ANSWER],
        any_size=None if one_size else {"x": {1: "frames"}},
    )


def _of_estimator(estimator: Any, x: torch.Tensor, classes: int, temperature: float) -> onnx.ModelProto:
    """What scikit-learn has fitted, by skl2onnx, between a layer that flattens x and the temperature."""
    from skl2onnx import to_onnx
    from skl2onnx.common.exceptions import MissingConverter, MissingShapeCalculator

    if not hasattr(estimator, "predict_proba"):
        raise PluginError("its estimator gives margins and no probabilities.")
    if list(estimator.classes_) != list(range(classes)):
        raise PluginError("its training clips lack an emotion.")
    flat = x.reshape(1, -1).numpy()
    try:
        with graph.quiet():
            fitted = to_onnx(
                estimator,
                flat,
                options={"zipmap": False},
                target_opset={"": graph.OPSET, "ai.onnx.ml": ML_OPSET},
            )
    except (MissingConverter, MissingShapeCalculator) as error:
        raise PluginError(
            f"skl2onnx knows no form in ONNX for its estimator ({_named(estimator)})."
        ) from error
    head = HEAD.format(frames=x.shape[1], channels=x.shape[2], values=flat.size)
    tail = TAIL.format(classes=classes, least=calibration.LEAST, temperature=temperature)
    first, last = (onnx.parser.parse_model(MODEL + text) for text in (head, tail))
    middle = graph.stripped(onnx_ir.from_proto(fitted))
    return graph.joined(graph.joined(first, middle, {"flat": "X"}), last, {"probabilities": "raw"})


def _named(estimator: Any) -> str:
    steps = [step for _, step in getattr(estimator, "steps", [("", estimator)])]  # of a pipeline
    return ", ".join(type(step).__name__ for step in steps)
