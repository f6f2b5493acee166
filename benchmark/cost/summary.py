"""What an untrained model costs: MACs, weights, latency; and its network as ONNX."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmark.cost import latency, measure, onnx
from benchmark.cost.onnx import Exported
from benchmark.features import stack
from benchmark.models import plugins
from benchmark.records import schema
from benchmark.records.schema import Cost, Speed
from protocols.errors import PluginError


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Of one model; no speed where its encoder's weights are not here, so that it cannot run."""

    model: str
    version: str
    cost: Cost
    speed: Speed | None
    exported: list[Exported]


def of(reference: str, *, onnx_file: Path | None = None) -> Summary:
    """Measure the model of a name or a file on one thread; with `onnx_file`, also write its network there.

    PluginError where the model cannot run here, or fails on a clip of speech.
    """
    plugin = plugins.load(reference)
    silent = stack.missing(plugin.features)  # it can be counted, but not be run
    if plugin.missing and not silent:
        raise PluginError(f"{plugin.info.name} cannot run here: {plugin.missing}")
    with latency.one_thread():
        with measure.blamed(plugin):
            model = measure.untrained(plugin)
            cost = measure.of(plugin, model)
            fast = None if silent else latency.measure(plugin, model, measure.speech(schema.OFFICIAL))
        exported = onnx.export(plugin, model, onnx_file) if onnx_file else []
    return Summary(
        model=plugin.info.name, version=plugin.info.version, cost=cost, speed=fast, exported=exported
    )
