"""PyTorch modules as ONNX graphs that say nothing of the machine that made them; sessions on one thread."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import logging
import warnings
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch

from protocols.errors import PluginError

if TYPE_CHECKING:
    import onnx
    import onnx_ir
    import onnxruntime

OPSET, IR = 20, 10  # of all our files, so that two graphs can be joined
FOLDED = 1024  # numbers that are computed beforehand; what is larger, such as filters, a file need not hold
FIRST, SECOND = "first/", "second/"  # before the names of what was in two graphs
LIBRARIES = ("onnxruntime", "onnxscript", "skl2onnx")


def require(what: str) -> None:
    """PluginError where the extra `onnx` is not whole; `what` needs it."""
    if missing := [name for name in LIBRARIES if importlib.util.find_spec(name) is None]:
        raise PluginError(f"{what} needs {missing[0]}: pip install 'unheard[onnx]'")


def exported(
    module: torch.nn.Module,
    inputs: Mapping[str, torch.Tensor],
    outputs: Sequence[str],
    *,
    any_size: Mapping[str, Mapping[int, str]] | None = None,
) -> onnx.ModelProto:
    """A module as a graph; exporters raise almost anything.

    `any_size`: input -> axis -> what so many are called, as {"wave": {0: "samples"}}.
    """
    import onnxscript.optimizer

    shapes = tuple(dict(any_size.get(name, {})) for name in inputs) if any_size else None
    with quiet():
        program: Any = torch.onnx.export(
            module.eval(),
            tuple(inputs.values()),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_shapes=shapes,
            optimize=False,
        )
        onnxscript.optimizer.optimize_ir(program.model, output_size_limit=FOLDED)
    return stripped(program.model)


def stripped(graph: onnx_ir.Model) -> onnx.ModelProto:
    """Without stack traces, paths, and the shapes between layers, which hold for one size of input.

    Nor has it an input that it does not use, such as the lengths of clips that all are as long.
    """
    import onnx_ir
    from onnx_ir.passes.common import ClearMetadataAndDocStringPass, RemoveUnusedOpsetsPass

    for step in (ClearMetadataAndDocStringPass(), RemoveUnusedOpsetsPass()):
        graph = step(graph).model
    inputs = graph.graph.inputs
    inputs[:] = [value for value in inputs if value.uses()]
    proto: onnx.ModelProto = onnx_ir.to_proto(graph)
    del proto.graph.value_info[:]
    for value in (*proto.graph.input, *proto.graph.output, *proto.graph.initializer):
        del value.metadata_props[:]
    proto.ir_version = IR
    return proto


def joined(first: onnx.ModelProto, second: onnx.ModelProto, edges: Mapping[str, str]) -> onnx.ModelProto:
    """Two graphs as one, with the outputs of the second; `edges`: output of the first -> input of the second.

    One that the second does not use is left out.
    """
    import onnx_ir
    from onnx import compose

    wanted = {value.name for value in second.graph.input}
    merged = compose.merge_models(
        first,
        second,
        io_map=[(one, other) for one, other in edges.items() if other in wanted],
        outputs=[SECOND + value.name for value in second.graph.output],
        prefix1=FIRST,
        prefix2=SECOND,
    )
    model = onnx_ir.from_proto(merged)
    for value in (*model.graph.inputs, *model.graph.outputs):  # as they were called
        value.name = str(value.name).removeprefix(FIRST).removeprefix(SECOND)
    return stripped(model)


def session(data: bytes) -> onnxruntime.InferenceSession:
    """What runs a file's bytes on one thread of the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3  # errors
    return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])


def accepted(session: onnxruntime.InferenceSession, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Those of these inputs that the graph has; one that it does not use is gone."""
    return {entry.name: inputs[entry.name] for entry in session.get_inputs()}


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Exporters describe at length how they work."""
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)
