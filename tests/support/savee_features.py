"""Front ends, and the embedded SAVEE or some of its clips, for tests of what is computed of a corpus copy."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from benchmark.corpora import inventory
from benchmark.corpora.inventory import Inventory
from protocols import corpora
from protocols.contract import Features

MFCC = Features(front_end="mfcc", options={"n_mfcc": 7})
MEL = Features(front_end="log-mel", options={"hop": 320, "n_mels": 40})
PITCH = Features(front_end="pitch", options={"hop": 320})
WAVE = Features(front_end="wave")  # without PyTorch, whose threads a fork does not have


def taken(folder: Path) -> Inventory:
    """The inventory of a copy."""
    return inventory.take(corpora.load("savee"), folder)


def few(found: Inventory) -> Inventory:
    """Five clips of the copy."""
    return replace(found, files=dict(list(found.files.items())[:5]))
