"""The clips that a model is tried on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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


def altered(clips: ClipBatch, rows: Sequence[int]) -> ClipBatch:
    """These rows."""
    return replace(
        clips,
        inputs=_rows(clips.inputs, rows),
        labels=None if clips.labels is None else clips.labels[list(rows)],
        speakers=None if clips.speakers is None else clips.speakers[list(rows)],
        copies=[_rows(copy, rows) for copy in clips.copies],
        enrolment=clips.enrolment
        and [
            clips.enrolment[copy * len(clips) + row] for copy in range(1 + len(clips.copies)) for row in rows
        ],
    )


def joined(first: ClipBatch, then: ClipBatch) -> ClipBatch:
    """All clips of both, without labels, speakers and augmented copies."""
    both = [*first.enrolment[: len(first)], *then.enrolment] if first.enrolment and then.enrolment else None
    return ClipBatch((*first.inputs, *then.inputs), frames=first.frames, enrolment=both)


def _rows(inputs: Sequence[np.ndarray], rows: Sequence[int]) -> tuple[np.ndarray, ...]:
    return tuple(inputs[row] for row in rows)
