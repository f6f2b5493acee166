"""Arguments that several verbs have."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from protocols.errors import UnheardError

DATA_HELP = "the folder of the corpora, one folder each (default: the environment variable UNHEARD_DATA)"


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def named_data(given: str | None) -> str | None:
    """What --data or else UNHEARD_DATA says; None where neither is set."""
    return given or os.environ.get("UNHEARD_DATA") or None


def data_folder(given: str | None) -> Path:
    """The folder that --data or UNHEARD_DATA names; UnheardError where neither is set."""
    from benchmark import places

    named = named_data(given)
    if named is None:
        raise UnheardError("no corpora are named: give --data DIR, or set UNHEARD_DATA.")
    return places.data(named)
