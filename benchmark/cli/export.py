"""`export`: a model that `run --final` kept, as ONNX files for a device."""

from __future__ import annotations

import argparse
import dataclasses
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import DATA_HELP, folder

if TYPE_CHECKING:
    from benchmark.deployment.export import Export


GOOD = 0


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("export", help="a kept model as ONNX, from the wave to probabilities")
    parser.set_defaults(run=run)
    parser.add_argument("model", metavar="NAME|FILE.py", help="the model")
    parser.add_argument("--corpus", required=True, metavar="NAME", help="the corpus that it was fitted on")
    parser.add_argument("--out", required=True, type=folder, metavar="DIR", help="where the files go")
    parser.add_argument("--data", metavar="DIR", help=DATA_HELP)
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    from benchmark.cli.console import emit_json
    from benchmark.cost import graph
    from benchmark.deployment import refusal

    refusal.check(args.model)  # before it asks for an extra
    graph.require("export")  # before what imports it
    from benchmark.deployment import export

    found = export.export(args.model, corpus=args.corpus, out=args.out, data=args.data)
    if args.json:
        emit_json(_document(found))
    else:
        _show(found)
    return GOOD


def _document(found: Export) -> dict[str, Any]:
    return {
        "folder": str(found.folder),
        "replaced": found.replaced or None,
        "about": found.about,
        "clips": found.where,
        "files": [dataclasses.asdict(each) for each in found.trials],
    }


def _show(found: Export) -> None:
    from rich.table import Column

    from benchmark.cli.console import Output
    from benchmark.cli.table import table
    from benchmark.deployment.readme import slow
    from benchmark.execution import model_card
    from benchmark.website.filters import amount

    words = ("size", "3 s take", "differs by", "median", "flips")
    numbers = (Column(word, justify="right") for word in words)
    rows = [
        (
            each.file,
            f"{amount(each.bytes)}B",
            f"{each.latency:.2f} ms",
            f"{each.difference:.1g}",
            f"{each.median:.1g}",
            f"{100 * each.flips:.1f} %",
        )
        for each in found.trials
    ]
    output, [first, *small] = Output(highlight=False), found.trials
    title = (
        f"{found.card.model.name}, fitted on all of {' and '.join(c.name for c in found.card.corpora)} "
        f"({model_card.budget(found.card)})"
    )
    output.print(table(("file", *numbers), rows, title=title))
    output.print(
        f"beside `predict`, on {first.clips} clips {found.where}: the largest difference in probability, its "
        f"median, and the share of labels that flip{'' if small else '; no layer of it can be int8'}",
        soft_wrap=True,
    )
    if words_of_slow := slow(found.trials):
        output.print(words_of_slow, soft_wrap=True)
    if found.replaced:
        output.print(
            f"it replaces the export of {found.replaced} that was there", markup=False, soft_wrap=True
        )
    output.print(f"{found.folder}: README.txt says the rest", markup=False, soft_wrap=True)
