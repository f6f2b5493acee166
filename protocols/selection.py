"""Names clips by what they have in common, and finds what two sets of clips share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from protocols.corpora import ManifestRow

Unit = Literal["corpus", "speaker", "sentence", "clip"]
UNITS: tuple[Unit, ...] = ("corpus", "speaker", "sentence", "clip")


@dataclass(frozen=True)
class Selection:
    """The clips that satisfy every field that is given; None asks for nothing."""

    corpora: tuple[str, ...] | None = None
    speakers: tuple[str, ...] | None = None
    sentences: tuple[str, ...] | None = None
    clips: tuple[str, ...] | None = None

    @property
    def names(self) -> dict[Unit, tuple[str, ...]]:
        """What is named, by unit; units of which nothing is asked are left out."""
        fields = zip(UNITS, (self.corpora, self.speakers, self.sentences, self.clips), strict=True)
        return {unit: names for unit, names in fields if names is not None}

    def of(self, rows: Sequence[ManifestRow]) -> np.ndarray:
        """Which of the rows are selected: (n,) bool."""
        chosen = np.ones(len(rows), dtype=bool)
        for unit, names in self.names.items():
            chosen &= np.isin(units(rows, unit), names)
        return chosen


def units(rows: Sequence[ManifestRow], unit: Unit) -> np.ndarray:
    """Each row's corpus, speaker, sentence or clip: (n,) str."""
    return np.array([getattr(row, unit) for row in rows], dtype=str)


def sharing(rows: Sequence[ManifestRow], chosen: np.ndarray, kept_apart: Sequence[Unit]) -> np.ndarray:
    """Which rows share a unit of any of these kinds with the chosen ones, themselves included: (n,) bool."""
    shared = np.zeros(len(rows), dtype=bool)
    for unit in kept_apart:
        names = units(rows, unit)
        shared |= np.isin(names, names[chosen])
    return shared
