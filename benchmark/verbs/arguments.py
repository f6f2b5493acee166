"""Arguments that several verbs have."""

from __future__ import annotations

import argparse

DATA_HELP = "the folder of the corpora, one folder each (default: the environment variable UNHEARD_DATA)"


def positive(text: str) -> int:
    """A whole number of at least 1."""
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return value
