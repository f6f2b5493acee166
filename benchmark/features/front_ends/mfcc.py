"""Mel-frequency cepstral coefficients, and if wanted their slopes over time."""

from __future__ import annotations

import numpy as np

from benchmark.audio import torchaudio_stub
from benchmark.audio.reader import RATE
from benchmark.features import spectrum
from benchmark.features.front_end import Compute, FrontEnd


def make(n_fft: int, hop: int, n_mels: int, n_mfcc: int, deltas: int) -> Compute:
    import torch

    torchaudio_stub.install()
    from torchaudio import functional, transforms

    mfcc = transforms.MFCC(RATE, n_mfcc, melkwargs=spectrum.mel_options(n_fft, hop, n_mels))

    def compute(wave: np.ndarray) -> np.ndarray:
        stack = [mfcc(torch.from_numpy(wave))]  # (n_mfcc, frames)
        for _ in range(deltas):
            stack.append(functional.compute_deltas(stack[-1]))
        return torch.cat(stack).T.numpy()  # (frames, n_mfcc * (1 + deltas))

    return compute


FRONT_END = FrontEnd(
    name="mfcc",
    make=make,
    half=True,
    options={**spectrum.STFT, "n_mfcc": 20, "deltas": 0},
    libraries=("torch", "torchaudio"),
    macs=spectrum.mfcc_macs,
)
