"""Clips at random: the ranking protocol's folds, with clips shuffled among their places in them.

Every test, validation and training set has exactly as many clips of each emotion as in the ranking protocol.
So the two differ in nothing but whether a test clip's speaker has been met.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from protocols.split_rules.base import Base, bases, shuffled
from protocols.split_rules.clips import PARTS


def documents() -> Iterator[dict[str, Any]]:
    """One file for each corpus."""
    yield from map(document, bases())


def document(base: Base) -> dict[str, Any]:
    """The parts are the sets of clips that the ranking protocol never takes apart."""
    selections = [each for fold in base.protocol.folds for each in (fold.test, *fold.validation)]
    member = np.array([each.of(base.rows) for each in selections]).T  # (clips, selections)
    kinds, place = np.unique(member, axis=0, return_inverse=True)
    parts = iter([{"parts": [PARTS[kind] for kind in np.flatnonzero(column)]} for column in kinds.T])
    return base.document(
        "random-clips",
        rule=(
            f"Random clips: the folds of {base.protocol.name} after its clips have been shuffled within each "
            "emotion. Every test, validation and training set has as many clips of each emotion as there; "
            "all that differs is which. No augmented copy is a clip of its own."
        ),
        leaks="clips at random: the speakers and the texts of the test clips are in training",
        apart=["clip"],
        validation_apart=["clip"],
        parts="".join(PARTS[kind] for kind in shuffled(place, [row.emotion for row in base.rows])),
        folds=[
            {"test": next(parts), "validation": [next(parts) for _ in fold.validation]}
            for fold in base.protocol.folds
        ],
    )
