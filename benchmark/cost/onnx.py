"""An untrained network as an ONNX file, to see what it costs: checked against PyTorch, then with 8 bits.

A fitted model with all that it needs is exported by `benchmark.deployment`.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmark.cost import graph, measure
from benchmark.cost.latency import FEWEST, seconds
from benchmark.models.plugins import Plugin
from benchmark.records import schema
from benchmark.storage import files
from protocols.contract import Model
from protocols.errors import PluginError, UnheardError

CLOSE = 1e-3  # by which a probability may differ from PyTorch's


@dataclass(frozen=True)
class Exported:
    """One file's size, its latency on one thread without the front end, and how far it is from PyTorch."""

    file: str
    bytes: int
    latency: float  # ms, the median
    difference: float  # in probability, on a clip of 3 s; the largest


def export(plugin: Plugin, model: Model, path: Path) -> list[Exported]:
    """Write the network to `path`, and with int8 weights beside it; PluginError where that cannot be.

    Its inputs are `x` (1, frames, channels), as many frames as a clip of 3 s has, and `lengths` (1,); its
    output are logits (1, classes).
    """
    network = plugin.backend.onnx_network(model, plugin.info.name).eval().cpu()
    graph.require("--onnx")
    _free(path, small := path.with_suffix(".int8.onnx"))
    x, lengths = map(torch.from_numpy, measure.clips(plugin, schema.OFFICIAL).batch())
    with torch.inference_mode():
        wanted = torch.softmax(network(x, lengths), dim=1).numpy()
    try:
        whole, quantised = _written(network, x, lengths)
    except Exception as error:  # exporters raise almost anything
        raise PluginError(
            f"{plugin.info.name}: its network does not export to ONNX: {type(error).__name__}: {error}"
        ) from error
    files.write(path, whole)
    files.write(small, quantised)
    inputs = {"x": x.numpy(), "lengths": lengths.numpy()}
    found = [_measured(file, inputs, wanted) for file in (path, small)]
    if not found[0].difference <= CLOSE:
        raise PluginError(
            f"{plugin.info.name}: its ONNX file is wrong: probabilities differ from PyTorch's by "
            f"{found[0].difference:.2g}."
        )
    return found


def _free(*paths: Path) -> None:
    """UnheardError where a file cannot go, before time is spent on what is to go there."""
    for path in paths:
        if not path.name or (path.exists() and not path.is_file()):
            raise UnheardError(f"{path}: not a file's name. Name a file with --onnx.")
        if not path.parent.is_dir():
            raise UnheardError(f"{path}: there is no folder {path.parent}. Make it, or name another file.")


def _written(network: torch.nn.Module, x: torch.Tensor, lengths: torch.Tensor) -> tuple[bytes, bytes]:
    """The network as ONNX, and with weights of 8 bits."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    whole = graph.exported(network, {"x": x, "lengths": lengths}, ["logits"])
    with tempfile.TemporaryDirectory() as folder, graph.quiet():
        small = Path(folder, "small.onnx")
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8)
        return whole.SerializeToString(), small.read_bytes()


def _measured(path: Path, inputs: dict[str, np.ndarray], wanted: np.ndarray) -> Exported:
    session = graph.session(path.read_bytes())
    given = graph.accepted(session, inputs)

    def predict() -> Any:
        return session.run(None, given)[0]

    logits = torch.from_numpy(predict())
    times = [seconds(predict) for _ in range(5 * FEWEST)]
    return Exported(
        file=str(path),
        bytes=path.stat().st_size,
        latency=round(1e3 * float(np.median(times)), 3),
        difference=float(np.abs(torch.softmax(logits, dim=1).numpy() - wanted).max()),
    )
