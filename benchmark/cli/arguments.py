"""Arguments that several verbs have."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from benchmark.storage import places

RESULTS = Path("results")
DATA_HELP = "the folder of the corpora, one folder each (default: the environment variable UNHEARD_DATA)"


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def seconds(text: str) -> float:
    """A number of seconds above 0, at most an hour's."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0, at most 3600")
    return number


def names(text: str) -> list[str]:
    """One name, or several with commas between; what is a path is one, commas and all."""
    found = [text] if os.path.exists(text) else [name.strip() for name in text.split(",")]  # noqa: PTH110
    if not all(found):
        raise argparse.ArgumentTypeError(f"{text!r} has an empty name; leave it out for the default")
    return found


def name(text: str) -> str:
    """A single name, where several make no sense."""
    if len(found := names(text)) > 1:
        raise argparse.ArgumentTypeError(
            f"{text!r} are {len(found)} names; give one, and call again for others"
        )
    return found[0]


def folder(text: str) -> Path:
    """A path, "~" expanded; an empty one, of a variable that is not set, is no folder."""
    if not text:
        raise argparse.ArgumentTypeError("an empty name; leave it out for the default")
    return places.expanded(text)


def add_names(parser: Any, option: str, metavar: str, words: str) -> None:
    """Declare an option that takes names, several times or with commas between; `words` are its help."""
    parser.add_argument(option, action="extend", type=names, default=[], metavar=metavar, help=words)


def add_results(parser: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Declare --results of the verbs that read records; with `several`, folders that count as one."""
    parser.add_argument(
        "--results",
        **({"action": "extend", "nargs": "+"} if several else {"default": RESULTS}),
        type=folder,
        metavar="DIR",
        help=f"the records{', in one folder or several' * several} (default: ./{RESULTS})",
    )
