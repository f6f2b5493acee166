"""Functionals of openSMILE's feature sets. Not counted in MACs: it is a program of its own."""

from __future__ import annotations

import numpy as np

from benchmark.audio.reader import RATE
from benchmark.features.front_end import Compute


def functionals(name: str) -> Compute:
    """Audio (samples,) -> (1, functionals) of the feature set that openSMILE calls `name`."""
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet[name], opensmile.FeatureLevel.Functionals)

    def compute(wave: np.ndarray) -> np.ndarray:
        return smile.process_signal(wave, RATE).to_numpy()  # (1, functionals)

    return compute
