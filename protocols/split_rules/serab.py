"""SERAB's splits: one fold a corpus, of speakers in an order by chance.

SERAB (Scheidwasser-Clow et al., ICASSP 2022) and TensorFlow Datasets, from which it has CREMA-D, sort the
speakers, shuffle them with seed 0, and cut at 60 and 80 percent; of CREMA-D at 70 and 80.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from protocols import corpora
from protocols.split_rules import split_file

CORPORA = ("savee", "ravdess", "cremad", "emodb", "emovo")
CUTS = {"cremad": (0.7, 0.8)}
ELSE = (0.6, 0.8)


def documents() -> Iterator[dict[str, Any]]:
    """One file for each corpus that SERAB has too."""
    for name in CORPORA:
        yield document(name)


def document(name: str) -> dict[str, Any]:
    """One fold, whose validation set is SERAB's own."""
    train, validation, test = shares(name)
    less = (
        " TensorFlow Datasets leaves out four clips of CREMA-D, which are in here: 1006_TIE_NEU_XX, "
        "1013_WSI_DIS_XX, 1017_IWW_FEA_XX and 1040_ITH_SAD_XX."
        if name == "cremad"
        else ""
    )
    return split_file.document(
        name=f"{name}-serab",
        on=[name],
        rule=(
            f"SERAB's split of speakers, drawn once: {len(train)} train, {len(validation)} validate, "
            f"{len(test)} are tested.{less}"
        ),
        apart=["speaker"],
        validation_apart=["speaker"],
        folds=[{"test": {"speakers": test}, "validation": [{"speakers": validation}]}],
    )


def shares(name: str) -> tuple[list[str], list[str], list[str]]:
    """The speakers that train, that validate and that are tested."""
    speakers = sorted(corpora.load(name).speakers)
    first, second = (int(cut * len(speakers)) for cut in CUTS.get(name, ELSE))
    np.random.RandomState(0).shuffle(speakers)
    return sorted(speakers[:first]), sorted(speakers[first:second]), sorted(speakers[second:])
