"""Static quantisation to 8 bits: weights, and what comes between layers by its range on clips of training.

Only the model is: its front end works in decibels of powers, which 8 bits do not hold.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnx_ir

from benchmark.cost import graph

KINDS = ["Conv", "Gemm", "MatMul"]  # of layers that become int8; recurrence has no such form


def int8(model: onnx.ModelProto, inputs: Sequence[dict[str, np.ndarray]]) -> onnx.ModelProto | None:
    """A model as integers, by its inputs for some clips; None where it has no layer that could be.

    Weights channel by channel; what comes between by the least and the greatest value that these clips give.
    """
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    if not any(node.op_type in KINDS for node in model.graph.node):
        return None

    class Reader(CalibrationDataReader):
        given: Iterator[dict[str, np.ndarray]] = iter(inputs)

        def get_next(self) -> dict[str, Any] | None:
            return next(self.given, None)

    with tempfile.TemporaryDirectory() as folder, graph.quiet():
        whole, small = Path(folder, "whole.onnx"), Path(folder, "small.onnx")
        whole.write_bytes(model.SerializeToString())  # given as an object it would be changed
        quant_pre_process(whole, whole, skip_symbolic_shape=True)
        quantize_static(
            whole,
            small,
            Reader(),
            op_types_to_quantize=KINDS,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
        )
        return graph.stripped(onnx_ir.load(small))
