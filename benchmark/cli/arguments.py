"""Arguments that several verbs have."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmark.storage import places

RESULTS = Path("results")
DATA_HELP = "the folder of the corpora, one folder each (default: the environment variable UNHEARD_DATA)"


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def folder(text: str) -> Path:
    """A path, "~" expanded; an empty one, of a variable that is not set, is no folder."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name; leave it out for the default")
    return places.expanded(text)


def add_results(parser: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Declare --results of the verbs that read records; with `several`, folders that count as one."""
    parser.add_argument(
        "--results",
        **({"action": "extend", "nargs": "+"} if several else {"default": RESULTS}),
        type=folder,
        metavar="DIR",
        help=f"the records{', in one folder or several' * several} (default: ./{RESULTS})",
    )
