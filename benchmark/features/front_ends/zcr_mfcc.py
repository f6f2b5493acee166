"""108 zero-crossing rates, then 108 x 20 MFCCs frame by frame, as one frame of 2268 channels.

What the public code of Lee & Nadeem (arXiv 2507.03251) computes with librosa from at most 2.5 s of a clip,
0.6 s after its start, at 22.05 kHz; zeros where the clip ends sooner. Our audio has 16 kHz and is resampled
up, so nothing lies above 8 kHz: the mel filters from there to 11 kHz see next to nothing.
"""

from __future__ import annotations

import math
import warnings

import numpy as np
import soxr

from benchmark.audio.reader import RATE
from benchmark.features import spectrum
from benchmark.features.front_end import Compute, FrontEnd, one

UP, N_FFT, HOP, N_MFCC = 22_050, 2048, 512, 20
START, LENGTH = 0.6, 2.5  # seconds
FRAMES = 108
# soxr's HQ filter (20 bits; passes 0.913 of the band) by Kaiser's estimate of its length (J. F. Kaiser:
# Nonrecursive digital filter design using the I0-sinh window function. ISCAS 1974).
TAPS = math.ceil((20 * math.log10(2**21) - 8) / (2.285 * math.pi * (1 - 0.913)))


def make() -> Compute:
    from benchmark.audio.librosa_import import librosa

    def compute(wave: np.ndarray) -> np.ndarray:
        rates, cepstra = np.zeros(FRAMES, np.float32), np.zeros((FRAMES, N_MFCC), np.float32)
        middle = wave[round(START * RATE) : round((START + LENGTH) * RATE)]
        sound = soxr.resample(middle, RATE, UP, quality="HQ") if len(middle) else middle
        if len(sound):
            found = librosa.feature.zero_crossing_rate(sound, frame_length=N_FFT, hop_length=HOP)[0]
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "n_fft=", UserWarning)  # longer than the clip: zeros do
                mfcc = librosa.feature.mfcc(y=sound, sr=UP, n_mfcc=N_MFCC, n_fft=N_FFT, hop_length=HOP)
            rates[: len(found)], cepstra[: mfcc.shape[1]] = found, mfcc.T
        return np.concatenate([rates, cepstra.ravel()])[None]  # (1, 2268)

    return compute


def used(seconds: float) -> float:
    return min(max(seconds - START, 0.0), LENGTH)


def macs(samples: int) -> float:
    """Resampled to 22.05 kHz, then librosa's MFCCs of 128 Mel bands; crossings of zero are comparisons."""
    out = round(used(samples / RATE) * UP)
    mfcc = spectrum.mfcc_macs(out, n_fft=N_FFT, hop=HOP, n_mels=128, n_mfcc=N_MFCC, deltas=0)
    return out * TAPS + mfcc


FRONT_END = FrontEnd(
    name="zcr-mfcc",
    make=make,
    half=True,
    libraries=("librosa",),
    imports=("benchmark.audio.librosa_import",),
    fixed=one,
    used=used,
    macs=macs,
)
