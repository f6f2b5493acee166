"""`figure`: a figure for a paper, from the records."""

from __future__ import annotations

import argparse
from typing import Any

from benchmark.cli.arguments import RESULTS, add_names, add_results, folder
from benchmark.records.schema import BOARD_NAMES

FIGURES = {
    "cost": "UAR against MACs, overall or by --protocol",
    "corpus": "all models by one protocol, with intervals and speakers",
    "confusion": "the confusion matrix of one model",
    "calibration": "the reliability diagram of one model",
    "difference": "two models, protocol by protocol, with intervals and speakers",
    "ladder": "models from random clips to unseen speakers, of a protocol's corpus",
    "search": "what to expect on the inner folds of so many trials",
}


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser(
        "figure",
        help="draw a figure for a paper (extra plots)",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(f"{name:12} {words}" for name, words in FIGURES.items()),
    )
    parser.set_defaults(run=run)
    parser.add_argument("name", choices=FIGURES, metavar="NAME", help=", ".join(FIGURES))
    parser.add_argument("--out", type=folder, required=True, metavar="FILE", help="a .pdf, .svg or .png")
    add_names(parser, "--model", "NAME", "only this model, or these: a,b (default: all)")
    parser.add_argument("--protocol", default="", metavar="NAME", help="default: the only one that ranks")
    parser.add_argument("--board", choices=BOARD_NAMES, help="default: the best that has records")
    add_results(parser, several=True)


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    from benchmark.cli.console import people
    from benchmark.storage import files
    from benchmark.website.plots import material, plots, style

    form = style.ending(args.out)
    found = material.read(
        args.results or [RESULTS], board=args.board, models=args.model, protocol=args.protocol
    )
    files.write(args.out, plots.make(args.name, found, form))
    people.print(f"The figure: {args.out.resolve()}", markup=False)
    return 0
