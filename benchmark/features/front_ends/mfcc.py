"""Mel-frequency cepstral coefficients, and if wanted their slopes over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmark.audio import torchaudio_stub
from benchmark.features import spectrum
from benchmark.features.front_end import Compute, FrontEnd

if TYPE_CHECKING:
    import torch


def make(n_fft: int, hop: int, n_mels: int, n_mfcc: int, deltas: int) -> Compute:
    import torch

    torchaudio_stub.install()
    from torchaudio import functional

    from benchmark.features import mel

    cosines = functional.create_dct(n_mfcc, n_mels, norm="ortho")  # (n_mels, n_mfcc)

    def compute(wave: np.ndarray) -> np.ndarray:
        bands = mel.decibel(mel.mel(wave, n_fft=n_fft, hop=hop, n_mels=n_mels))
        stack = [(bands @ cosines).T]  # (n_mfcc, frames)
        for _ in range(deltas):
            stack.append(functional.compute_deltas(stack[-1]))
        return torch.cat(stack).T.numpy()  # (frames, n_mfcc * (1 + deltas))

    return compute


def network(**options: int) -> torch.nn.Module:
    from benchmark.features.mel_network import Cepstra

    return Cepstra(**options)


def without_level(clip: np.ndarray) -> np.ndarray:
    """Less the mean of its first coefficient, the only one to which another level adds something."""
    clip = clip.copy()
    clip[:, 0] -= clip[:, 0].mean()
    return clip


FRONT_END = FrontEnd(
    name="mfcc",
    make=make,
    half=True,
    without_level=without_level,
    network=network,
    options={**spectrum.STFT, "n_mfcc": 20, "deltas": 0},
    libraries=("torch", "torchaudio"),
    imports=("benchmark.features.mel",),
    macs=spectrum.mfcc_macs,
)
