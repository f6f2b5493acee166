"""`cost`: what a model costs: multiply-adds, weights, time, and its network as ONNX."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.cost.onnx import Exported
    from benchmark.records.schema import Cost, Speed


GOOD = 0


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("cost", help="multiply-adds, parameters and latency of a model")
    parser.set_defaults(run=run)
    parser.add_argument("model", metavar="NAME|FILE.py", help="the model")
    parser.add_argument("--onnx", type=Path, metavar="FILE", help="also write its network to FILE, as ONNX")
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    import msgspec

    from benchmark.cli.console import emit_json
    from benchmark.cost import latency as latency_module
    from benchmark.cost import measure, onnx
    from benchmark.features import encoders, front_ends
    from benchmark.models import plugins
    from benchmark.records import schema
    from protocols.errors import PluginError

    plugin = plugins.load(args.model)
    encoder = front_ends.encoder_of(plugin.features)
    silent = encoder and encoders.missing(encoder)  # it can be counted, but not be run
    if plugin.missing and not silent:
        raise PluginError(f"{plugin.info.name} cannot run here: {plugin.missing}")
    with latency_module.one_thread():
        with measure.blamed(plugin):
            model = measure.untrained(plugin)
            cost = measure.of(plugin, model)
            fast = None if silent else latency_module.measure(plugin, model, measure.speech(schema.OFFICIAL))
        exported = onnx.export(plugin, model, args.onnx) if args.onnx else []
    if args.json:
        emit_json(
            {
                "model": plugin.info.name,
                "version": plugin.info.version,
                "cost": msgspec.to_builtins(cost),
                "speed": msgspec.to_builtins(fast),
                "onnx": [dataclasses.asdict(file) for file in exported],
            }
        )
    else:
        _show(plugin.info.name, cost, fast, exported)
    return GOOD


def _show(name: str, cost: Cost, fast: Speed | None, exported: list[Exported]) -> None:
    from rich.table import Column, Table

    from benchmark.cli.console import Output
    from benchmark.website.filters import amount

    console = Output(highlight=False)
    columns = ("speech", "heard", "front end", "model", "sum")
    table = Table(
        *(Column(words, justify="right") for words in columns), title=f"{name}: multiply-adds ({cost.by})"
    )
    for count in cost.counts:
        model = None if count.model is None else sum(count.model.values())
        table.add_row(
            f"{count.seconds:g} s", f"{count.used:g} s", *map(amount, (count.front_end, model, count.total))
        )
    console.print(table)
    for words, value in {**_weights(cost), **(_speed(fast) if fast else {})}.items():
        console.print(f"{words}: {value}", markup=False, soft_wrap=True)
    for file in exported:
        size, latency = f"{amount(file.bytes)}B", f"{file.latency:.2f} ms"
        console.print(
            f"{file.file}: {size}, {latency}, probabilities within {file.difference:.1g}", markup=False
        )
    if cost.official.front_end is None:
        console.print("not counted: the front end, which is not PyTorch's; so there is no sum")


def _weights(cost: Cost) -> dict[str, str]:
    from benchmark.website.filters import amount

    at = cost.official
    families = ", ".join(f"{family} {amount(n)}" for family, n in (at.model or {}).items())
    return {
        "of these, at 3 s": f"{families or 'nothing'}; norms, apart, {amount(at.norms)}",
        "parameters": amount(cost.parameters),
        "weights": amount(cost.weights) + "B" * (cost.weights is not None),
    }


def _speed(fast: Speed) -> dict[str, str]:
    """Of one clip of 3 s."""
    latency = f"{fast.latency:.1f} ms, the 95th percentile {fast.slow:.1f} ms"
    memory = "not available" if fast.memory is None else f"{fast.memory:.1f} MiB more while it predicts"
    return {
        "latency": f"{latency}; of it front end {fast.front_end:.1f} ms",
        "measured on": f"one thread of {fast.processor}, a clip of 3 s",
        "against the reference": f"{fast.ratio:.2f} times its {fast.reference:.2f} ms",
        "real-time factor": f"{fast.real_time:.4f}",
        "memory": memory,
        "energy": "not available" if fast.joules is None else f"{fast.joules:.3f} J",
    }
