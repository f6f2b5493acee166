"""`cost`: what a model costs: MACs, weights, time, and its untrained network as ONNX."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.cost.summary import Summary
    from benchmark.records.schema import Cost, Speed


GOOD = 0


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("cost", help="MACs (multiply-adds), parameters and latency of a model")
    parser.set_defaults(run=run)
    parser.add_argument("model", metavar="NAME|FILE.py", help="the model")
    parser.add_argument(
        "--onnx",
        type=Path,
        metavar="FILE",
        help="also write its network, untrained, to FILE, as ONNX; `export` writes a fitted model",
    )
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    from benchmark.cli.console import emit_json
    from benchmark.cost import summary

    found = summary.of(args.model, onnx_file=args.onnx)
    if args.json:
        emit_json(_document(found))
    else:
        _show(found)
    return GOOD


def _document(found: Summary) -> dict[str, Any]:
    import msgspec

    return {
        "model": found.model,
        "version": found.version,
        "cost": msgspec.to_builtins(found.cost),
        "speed": msgspec.to_builtins(found.speed),
        "onnx": [{**dataclasses.asdict(file), "untrained": True} for file in found.exported],
    }


def _show(found: Summary) -> None:
    from rich.table import Column

    from benchmark.cli.console import Output
    from benchmark.cli.table import table
    from benchmark.website.filters import amount

    console, cost = Output(highlight=False), found.cost
    columns = [Column(w, justify="right") for w in ("speech", "of it used", "front end", "model", "sum")]
    rows = []
    for count in cost.counts:
        model = None if count.model is None else sum(count.model.values())
        amounts = map(amount, (count.front_end, model, count.total))
        rows.append((f"{count.seconds:g} s", f"{count.used:g} s", *amounts))
    console.print(table(columns, rows, title=f"{found.model}: MACs ({cost.by})"))
    for words, value in {**_weights(cost), **(_speed(found.speed) if found.speed else {})}.items():
        console.print(f"{words}: {value}", markup=False, soft_wrap=True)
    for file in found.exported:
        size, latency = f"{amount(file.bytes)}B", f"{file.latency:.2f} ms"
        console.print(
            f"{file.file}: untrained; {size}, {latency}, probabilities within {file.difference:.1g}",
            markup=False,
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
