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
    """The clips that satisfy every field that is given; None asks for nothing.

    >>> Selection(speakers=("DC", "JE")).names
    {'speaker': ('DC', 'JE')}
    """

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
            chosen &= _among(rows, unit, set(names))
        return chosen

    def __str__(self) -> str:
        """In words, e.g. "speakers DC, JE"; of many names the first three."""
        return " of ".join(f"{_many(unit)} {listed(names)}" for unit, names in reversed(self.names.items()))


def units(rows: Sequence[ManifestRow], unit: Unit) -> list[str]:
    """Each row's corpus, speaker, sentence or clip."""
    return [getattr(row, unit) for row in rows]


def sharing(rows: Sequence[ManifestRow], chosen: np.ndarray, kept_apart: Sequence[Unit]) -> np.ndarray:
    """Which rows share a unit of any of these kinds with the chosen ones, themselves included: (n,) bool."""
    shared = chosen.copy()
    for unit in kept_apart:
        shared |= _among(rows, unit, {getattr(rows[int(row)], unit) for row in np.flatnonzero(chosen)})
    return shared


def listed(names: Sequence[str]) -> str:
    """Up to three names, and how many more there are."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


def _among(rows: Sequence[ManifestRow], unit: Unit, names: set[str]) -> np.ndarray:
    return np.array([name in names for name in units(rows, unit)], dtype=bool)


def _many(unit: Unit) -> str:
    return "corpora" if unit == "corpus" else f"{unit}s"
