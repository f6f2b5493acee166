"""The clips that a model is tried on, and copies of them that a model may do with as it likes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import overload

import numpy as np

from protocols.contract import ClipBatch


@dataclass(frozen=True, kw_only=True)
class Material:
    """The clips of a check, all with labels and speakers; `odd` holds one clip each, by what is odd."""

    n_classes: int
    train: ClipBatch
    validation: ClipBatch
    test: ClipBatch
    odd: Mapping[str, ClipBatch]  # "0.05 s", "20 s", "silence"


@dataclass(frozen=True)
class Arrays(Sequence[np.ndarray]):
    """A sequence that can be indexed and nothing more, as the engine's memory-mapped one."""

    arrays: tuple[np.ndarray, ...]

    def __len__(self) -> int:
        return len(self.arrays)

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, index: slice) -> Arrays: ...
    def __getitem__(self, index: int | slice) -> np.ndarray | Arrays:
        return Arrays(self.arrays[index]) if isinstance(index, slice) else self.arrays[index]


def copied(clips: ClipBatch) -> ClipBatch:
    """The same clips, in memory of their own."""
    return altered(clips, range(len(clips)))


def altered(clips: ClipBatch, rows: Sequence[int]) -> ClipBatch:
    """Copies of these rows."""
    return replace(
        clips,
        inputs=_copies(clips.inputs, rows),
        labels=None if clips.labels is None else clips.labels[list(rows)],
        speakers=None if clips.speakers is None else clips.speakers[list(rows)],
        copies=[_copies(copy, rows) for copy in clips.copies],
    )


def joined(first: ClipBatch, then: ClipBatch) -> ClipBatch:
    """All clips of both, without labels, speakers and augmented copies."""
    return ClipBatch(Arrays((*first.inputs, *then.inputs)), frames=first.frames)


def _copies(inputs: Sequence[np.ndarray], rows: Sequence[int]) -> Arrays:
    return Arrays(tuple(np.array(inputs[row]) for row in rows))
