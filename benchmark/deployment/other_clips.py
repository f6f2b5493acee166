"""Clips that a model was not fitted on, to compare its files with `predict` on.

On those of training a model is sure, and what rounding does to it hardly shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np

from benchmark.audio import acoustic_conditions, reader
from benchmark.corpora import layout
from benchmark.deployment.training_clips import spread
from protocols import corpora, registry
from protocols.errors import DataError, UnheardError

MOST = 200  # clips
CONDITIONS = ("noise-10", "telephone")


@dataclass(frozen=True, kw_only=True, eq=False)
class OtherClips:
    """What the files are asked about."""

    waves: list[np.ndarray]  # (samples,) each
    where: str  # which clips these are, in words


def of(folder: Path, fitted_on: Sequence[str], training: Sequence[Path]) -> OtherClips:
    """Clips of the other corpora in this folder; where there are none, those of training, altered."""
    others = {
        name: found
        for name in registry.names("corpora")
        if name not in fitted_on and (found := _files(folder, name))
    }
    waves = [wave for found in others.values() for wave in _readable(found, MOST // len(others))]
    if waves:
        return OtherClips(waves=waves, where=f"of {', '.join(others)}, on which it was not fitted")
    some = zip(spread(len(training), MOST), cycle(CONDITIONS), strict=False)
    altered = [acoustic_conditions.altered(reader.read(training[k]), name, clip=f"{k}") for k, name in some]
    return OtherClips(waves=altered, where="that it was fitted on, here with noise at 10 dB or by telephone")


def _files(folder: Path, corpus: str) -> list[Path]:
    """Its clips, unread; () where there are none."""
    own = folder / corpus
    try:
        match = layout.match(corpora.load(corpus), layout.audio_files(own), folder=own)
    except UnheardError:  # of a corpus that is not needed
        return []
    return [own / path for path in match.chosen.values()]


def _readable(files: Sequence[Path], most: int) -> Iterator[np.ndarray]:
    for k in spread(len(files), most):
        try:
            yield reader.read(files[k])
        except DataError:
            continue
