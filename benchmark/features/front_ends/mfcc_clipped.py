"""40 MFCCs of 3 s, clipped, as one image of 184 frames: what the public code of Light-SERNet computes.

Aftab et al. (ICASSP 2022, https://arxiv.org/abs/2110.03435). The middle 3 s, scaled so that 99.9 % of the
samples lie within 1, with zeros on both sides of a shorter clip. Magnitudes, not powers, of Hann windows of
64 ms every 16 ms, none beyond the ends; 128 triangles on the mel scale of HTK from 80 to 7600 Hz; the
logarithm; the cosine transform as TensorFlow scales it; between -10 and 10.
"""

from __future__ import annotations

import numpy as np

from benchmark.audio.reader import RATE
from benchmark.features import spectrum
from benchmark.features.front_end import Compute, FrontEnd

SECONDS, N_FFT, HOP, N_MELS, N_MFCC = 3, 1024, 256, 128, 40
LOWEST, HIGHEST, CLIP = 80.0, 7600.0, 10.0
FRAMES = 1 + (SECONDS * RATE - N_FFT) // HOP


def make() -> Compute:
    from scipy import fft, signal

    window, triangles = signal.get_window("hann", N_FFT), filters()

    def compute(wave: np.ndarray) -> np.ndarray:
        frames = np.lib.stride_tricks.sliding_window_view(framed(wave), N_FFT)[::HOP]  # (FRAMES, N_FFT)
        bands = np.abs(fft.rfft(frames * window)) @ triangles  # (FRAMES, N_MELS)
        cepstra = fft.dct(np.log(bands + 1e-6)) / np.sqrt(2 * N_MELS)
        return np.clip(cepstra[:, :N_MFCC], -CLIP, CLIP).astype(np.float32)

    return compute


def framed(wave: np.ndarray) -> np.ndarray:
    """The middle of a wave, scaled and clipped to 1, with zeros on both sides of a shorter one: 3 s."""
    samples = SECONDS * RATE
    middle = wave[max(len(wave) - samples, 0) // 2 :][:samples].astype(np.float64)
    peak = np.percentile(np.abs(middle), 99.9) + np.finfo(float).eps
    before = (samples - len(middle)) // 2
    return np.pad(np.clip(middle / peak, -1, 1), (before, samples - len(middle) - before))


def filters() -> np.ndarray:
    """Triangles on the mel scale, of height 1; the lowest bin, 0 Hz, is in none: (N_FFT // 2 + 1, N_MELS)."""
    edges = np.linspace(mel(LOWEST), mel(HIGHEST), N_MELS + 2)
    place = (mel(np.fft.rfftfreq(N_FFT, 1 / RATE))[:, None] - edges[:-1]) / np.diff(
        edges
    )  # from each edge on
    triangles = np.maximum(0, np.minimum(place[:, :-1], 1 - place[:, 1:]))
    triangles[0] = 0
    return triangles


def mel(hertz: np.ndarray | float) -> np.ndarray:
    return 1127 * np.log1p(np.asarray(hertz) / 700)


def fixed() -> int:
    return FRAMES


def used(seconds: float) -> float:
    return min(seconds, SECONDS)


def macs(samples: int) -> float:  # noqa: ARG001  (every clip is as long)
    return FRAMES * (spectrum.real_fft(N_FFT) + (N_FFT // 2 + 1) * N_MELS + N_MELS * N_MFCC)


FRONT_END = FrontEnd(
    name="mfcc-clipped",
    make=make,
    half=True,
    libraries=("scipy",),
    imports=("scipy.fft", "scipy.signal"),
    fixed=fixed,
    used=used,
    macs=macs,
)
