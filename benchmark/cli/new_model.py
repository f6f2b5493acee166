"""`new-model`: a commented skeleton that passes `check`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from benchmark.cli.arguments import folder

GOOD = 0


def add(subparsers: Any) -> None:
    """Declare the verb."""
    from benchmark.models.skeletons import KINDS

    kinds = "; ".join(f"{kind}: {words}" for kind, words in KINDS.items())
    parser = subparsers.add_parser("new-model", help="write a commented skeleton of a model")
    parser.set_defaults(run=run)
    parser.add_argument("name", metavar="NAME", help="lower case letters, digits and hyphens, as my-model")
    parser.add_argument("--kind", choices=list(KINDS), default="sklearn", help=f"{kinds} (default: sklearn)")
    parser.add_argument(
        "--out", type=folder, default=Path(), metavar="DIR", help="where to (default: the current folder)"
    )


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    import shlex

    from benchmark.models import skeletons

    path = skeletons.write(args.name, kind=args.kind, folder=args.out)
    print(f"wrote {path}")
    print(f"now try: python -m benchmark check {shlex.quote(str(path))}")
    return GOOD
