"""Some clips of the corpora that a model was fitted on: to find ranges on, and to compare files on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmark.audio import reader
from benchmark.corpora import data_folder, inventory
from benchmark.execution.model_card import Card
from protocols import corpora
from protocols.errors import DataError

MOST = 300  # clips
EACH = 3  # of so many, one is for the ranges


def waves(card: Card, data: str | None) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Clips (samples,) spread evenly over the corpora: for the ranges of activations, and all others.

    DataError where the corpora are not those that the card names.
    """
    folder = data_folder.found("demo" if card.board == "synthetic" else data)
    paths = [path for copy in card.corpora for path in _files(folder, copy.name, copy.digest)]
    some = np.unique(np.linspace(0, len(paths) - 1, MOST).round().astype(int))
    found = [reader.read(paths[k]) for k in some]
    return found[::EACH], [wave for k, wave in enumerate(found) if k % EACH]


def _files(folder: Path, corpus: str, digest: str) -> list[Path]:
    found = inventory.take(corpora.load(corpus), folder / corpus)
    if found.digest != digest:
        raise DataError(
            f"{found.folder}: is not the copy of {corpus} that the model was fitted on. Check --data, or fit "
            "the model again with `run --final`."
        )
    return list(found.files.values())
