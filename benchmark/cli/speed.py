"""`speed`: how fast this machine does the benchmark's work, beside another way to do it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import add_names

if TYPE_CHECKING:
    from benchmark.speed.comparisons import Result

GOOD = 0


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("speed", help="how fast this machine trains, beside a plain PyTorch loop")
    parser.set_defaults(run=run)
    parser.add_argument("--only", action="append", default=[], metavar="NAME",
                        help="fit, stack, executors; slow: features, memory, second-run, site")  # fmt: skip
    add_names(parser, "--model", "NAME|FILE.py", "only this model, or these")
    parser.add_argument("--device", default="auto", metavar="NAME",
                        help="auto (default), cpu, cuda, cuda:N or mps")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    from benchmark.cli.console import emit_json
    from benchmark.speed import comparisons

    found = []
    for result in comparisons.run(args.only, models=args.model, device=args.device):
        found.append(result)
        if not args.json:
            _show(result)
    if args.json:
        emit_json([_document(result) for result in found])
    return GOOD


def _document(result: Result) -> dict[str, Any]:
    rows = [
        {"subject": row.subject, "ours": row.ours, "other": row.other, "ratio": row.ratio}
        for row in result.rows
    ]
    ways = {"ours": result.comparison.ours, "other": result.comparison.other}
    return {
        "name": result.comparison.name,
        "ways": ways,
        "unit": result.comparison.unit,
        "rows": rows,
        "where": result.where,
    }


def _show(result: Result) -> None:
    from rich.table import Column

    from benchmark.cli.console import Output
    from benchmark.cli.table import table

    unit = result.comparison.unit
    heads = (f"{result.comparison.ours}, {unit}", f"{result.comparison.other}, {unit}", "ratio")
    columns: list[str | Column] = ["", *(Column(head, justify="right") for head in heads)]
    rows = [(row.subject, f"{row.ours:.3f}", f"{row.other:.3f}", f"{row.ratio:.2f}") for row in result.rows]
    Output(highlight=False).print(table(columns, rows, title=f"{result.comparison.name}, on {result.where}"))
