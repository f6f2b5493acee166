"""A network as an ONNX file, for devices: checked against PyTorch, then with weights of 8 bits."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmark.cost import measure
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
    if missing := [name for name in ("onnxruntime", "onnxscript") if importlib.util.find_spec(name) is None]:
        raise PluginError(f"--onnx needs {missing[0]}: pip install 'unheard[onnx]'")
    _free(path, small := path.with_suffix(".int8.onnx"))
    x, lengths = map(torch.from_numpy, measure.clips(plugin, schema.OFFICIAL).batch())
    with torch.inference_mode():
        wanted = torch.softmax(network(x, lengths), dim=1).numpy()
    try:
        with _quiet():
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

    program: Any = torch.onnx.export(network, (x, lengths), dynamo=True, verbose=False)
    proto = program.model_proto
    del proto.graph.value_info[:]  # shapes between layers, which no longer hold once weights are int8
    with tempfile.TemporaryDirectory() as folder:
        whole, small = Path(folder, "whole.onnx"), Path(folder, "small.onnx")
        whole.write_bytes(proto.SerializeToString())
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8)
        return whole.read_bytes(), small.read_bytes()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Exporters describe at length how they work."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _measured(path: Path, inputs: dict[str, np.ndarray], wanted: np.ndarray) -> Exported:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    given = {
        entry.name: inputs[entry.name] for entry in session.get_inputs()
    }  # one that it needs not is gone

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
