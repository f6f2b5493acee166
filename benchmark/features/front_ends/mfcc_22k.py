"""39 MFCCs at 22.05 kHz of 5.9 s, as one image of 254 frames: what the public code of TIM-Net computes.

Ye et al. (ICASSP 2023, https://arxiv.org/abs/2211.08233), by librosa's defaults: windows of 93 ms every 23 ms
(its text says 50 and 12.5 ms). The clip's middle, with zeros on both sides of a shorter one. The public code
gives each corpus a length of its own, 4.35 s to 5.9 s for those here; this is the longest, which crops the
fewest clips. Our audio has 16 kHz and is resampled up, so nothing lies above 8 kHz.
"""

from __future__ import annotations

import numpy as np
import soxr

from benchmark.audio.reader import RATE
from benchmark.features import spectrum
from benchmark.features.front_end import Compute, FrontEnd, centred
from benchmark.features.front_ends.zcr_mfcc import HOP, N_FFT, TAPS, UP

LENGTH, N_MFCC = 130_000, 39  # samples at 22.05 kHz
SAMPLES = LENGTH * RATE // UP  # at 16 kHz


def make() -> Compute:
    from benchmark.audio.librosa_import import librosa

    def compute(wave: np.ndarray) -> np.ndarray:
        middle = wave[max(len(wave) - SAMPLES, 0) // 2 :][:SAMPLES]
        sound = soxr.resample(middle, RATE, UP, quality="HQ")[:LENGTH]
        sound = librosa.util.pad_center(sound, size=LENGTH)
        return librosa.feature.mfcc(y=sound, sr=UP, n_mfcc=N_MFCC, n_fft=N_FFT, hop_length=HOP).T

    return compute


def fixed() -> int:
    return centred(LENGTH, hop=HOP)


def used(seconds: float) -> float:
    return min(seconds, SAMPLES / RATE)


def macs(samples: int) -> float:
    """Resampled, then librosa's MFCCs of 128 mel bands, of zeros too."""
    mfcc = spectrum.mfcc_macs(LENGTH, n_fft=N_FFT, hop=HOP, n_mels=128, n_mfcc=N_MFCC, deltas=0)
    return used(samples / RATE) * UP * TAPS + mfcc


FRONT_END = FrontEnd(
    name="mfcc-22k",
    make=make,
    half=True,
    libraries=("librosa",),
    imports=("benchmark.audio.librosa_import",),
    fixed=fixed,
    used=used,
    macs=macs,
)
