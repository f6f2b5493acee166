"""Arguments that several verbs have."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from benchmark.storage import places
from protocols.errors import UnheardError

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


def add_results(parser: argparse.ArgumentParser) -> None:
    """Declare --results of the verbs that read records."""
    parser.add_argument(
        "--results",
        type=folder,
        default=Path("results"),
        metavar="DIR",
        help="the records (default: ./results)",
    )


def named_data(given: str | None) -> str | None:
    """What --data or else UNHEARD_DATA says; None where neither is set. UnheardError for an empty --data."""
    if given == "":
        raise UnheardError("--data is an empty name; leave it out for the default.")
    return given or os.environ.get("UNHEARD_DATA") or None


def data_folder(given: str | None) -> Path:
    """The folder that --data or UNHEARD_DATA names; UnheardError where neither is set."""
    from benchmark.corpora import inventory

    named = named_data(given)
    if named is None:
        raise UnheardError("no corpora are named: give --data DIR, or set UNHEARD_DATA.")
    return inventory.corpora_folder(named)
