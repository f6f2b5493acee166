"""The melody of a voice, frame by frame: fundamental frequency in Hz, voicing, and energy in dB.

The fundamental frequency is YIN's (A. de Cheveigné, H. Kawahara: YIN, a fundamental frequency estimator for
speech and music. JASA 111(4), 2002), by librosa; where nothing is voiced it is a guess. Voicing says how far
to believe it: the normalised cross-correlation of the frame with itself one period later, from 0 to 1
(D. Talkin: A robust algorithm for pitch tracking (RAPT). In: Speech Coding and Synthesis, Elsevier 1995).
Energy is the frame's root mean square below full scale, from -100 dB. Frames are log-mel's with the same hop.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark.audio.reader import RATE
from benchmark.features import spectrum
from benchmark.features.front_end import Compute, FrontEnd

SILENCE = 1e-5  # root mean square of what counts as silence: -100 dB


def make(n_fft: int, hop: int, lowest: float, highest: float) -> Compute:
    """`n_fft`: samples of a frame, which holds two periods of the lowest voice, in Hz."""
    from benchmark.audio.librosa_import import librosa

    def compute(wave: np.ndarray) -> np.ndarray:
        padded = np.pad(wave, n_fft // 2)
        frames = librosa.util.frame(padded, frame_length=n_fft, hop_length=hop)  # (n_fft, frames)
        hertz = librosa.yin(
            padded, fmin=lowest, fmax=highest, sr=RATE, frame_length=n_fft, hop_length=hop, center=False
        )
        energy = librosa.feature.rms(y=padded, frame_length=n_fft, hop_length=hop, center=False)[0]
        decibel = 20 * np.log10(np.maximum(energy, SILENCE))
        return np.stack([hertz, voicing(frames, hertz), decibel], axis=1)  # (frames, 3)

    return compute


def voicing(frames: np.ndarray, hertz: np.ndarray) -> np.ndarray:
    """Correlation of each frame (n, frames) with itself one period later: (frames,), from 0 to 1."""
    n = len(frames)
    lags = np.clip(np.rint(RATE / hertz).astype(int), 1, n - 1)  # (frames,)
    frames = frames.astype(np.float64)
    rows = np.arange(n)[:, None] + lags  # (n, frames)
    later = np.where(rows < n, np.take_along_axis(frames, np.minimum(rows, n - 1), axis=0), 0.0)
    power = np.cumsum(frames**2, axis=0)  # (n, frames)
    first = np.take_along_axis(power, n - 1 - lags[None], axis=0)[0]
    second = power[-1] - np.take_along_axis(power, lags[None] - 1, axis=0)[0]
    scale = np.sqrt(np.maximum(first * second, 0.0))
    product = (frames * later).sum(axis=0)
    audible = scale > n * SILENCE**2
    return np.clip(np.divide(product, scale, out=np.zeros_like(scale), where=audible), 0.0, 1.0)


def macs(samples: int, *, n_fft: int, hop: int, **_: Any) -> float:
    """YIN's autocorrelation by FFTs of twice the frame, there and back, and one correlation for the voicing.

    Left out, since it is done to each number by itself: squares and their running sums, the search for the
    period among the lags, and the root mean square.
    """
    return (1 + samples // hop) * (2 * spectrum.real_fft(2 * n_fft) + n_fft)


FRONT_END = FrontEnd(
    name="pitch",
    make=make,
    options={"n_fft": 1024, "hop": 160, "lowest": 60.0, "highest": 600.0},
    libraries=("librosa",),
    imports=("benchmark.audio.librosa_import",),
    macs=macs,
)
