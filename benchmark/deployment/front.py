"""What stands before a model's graph: the front end inside the file, or beside it as a file of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import onnx
import torch

from benchmark.audio.reader import RATE
from benchmark.cost import graph
from benchmark.deployment import archive
from benchmark.deployment.wave_input import WaveInput
from benchmark.features import feature_store, front_ends
from benchmark.features.stack import Stack


@dataclass(frozen=True, eq=False)
class Front:
    """Of one model."""

    features: Stack
    inside: onnx.ModelProto | None  # wave (samples,) -> x, lengths
    archive: bytes = b""  # else: what `front_end.zip` holds

    @property
    def used(self) -> float:
        """How many seconds of a long clip decide the answer, its middle ones; infinity for all."""
        return max(front_ends.used(each, math.inf) for each in self.features)

    def joined(self, model: onnx.ModelProto) -> onnx.ModelProto:
        """A model's graph, from the wave on where the front end is inside."""
        if self.inside is None:
            return model
        return graph.joined(self.inside, model, {"x": "x", "lengths": "lengths"})

    def inputs(self, wave: np.ndarray) -> dict[str, np.ndarray]:
        """Of the file, for a wave (samples,)."""
        if self.inside is not None:
            return {"wave": wave}
        x, lengths = feature_store.clips(self.features, [wave]).batch()
        return {"x": x, "lengths": lengths}


def of(features: Stack) -> Front:
    """The front ends of a model, of which `refusal` has found nothing."""
    if front_ends.declaration(features[0]).alone:
        return Front(features, None, archive.of(features[0]))
    inside = graph.exported(
        WaveInput(features),
        {"wave": torch.zeros(RATE)},
        ["x", "lengths"],
        any_size={"wave": {0: "samples"}},
    )
    return Front(features, inside)
