"""The short-time spectrum that several front ends begin with: how it is shared, and what it costs.

Mel filters and cepstra follow Slaney's Auditory Toolbox (1998) as librosa does, with zeros at both ends, so
that our numbers and librosa's agree to 1e-4; `mel` computes them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")

STFT = {"n_fft": 512, "hop": 160, "n_mels": 64}  # 32 ms windows every 10 ms
DELTA = 5  # frames that a delta weighs


_shared: dict[tuple[Any, ...], tuple[np.ndarray, Any]] | None = None  # within `shared`: a wave, what came


@contextmanager
def shared() -> Iterator[None]:
    """Inside, what several front ends ask for of one clip is computed once; the clip must not change."""
    global _shared
    _shared = {}
    try:
        yield
    finally:
        _shared = None


def once(function: Callable[..., T]) -> Callable[..., T]:
    """A function of a wave and options by keyword whose results `shared` keeps; nobody may change them."""

    @wraps(function)
    def call(wave: np.ndarray, **options: Any) -> T:
        if _shared is None:
            return function(wave, **options)
        key = (function, id(wave), *sorted(options.items()))
        if key not in _shared:
            _shared[key] = wave, function(wave, **options)  # while the wave is kept, no other has its id
        found: T = _shared[key][1]
        return found

    return call


def real_fft(n: int) -> float:
    """MACs of one FFT of n real numbers, or of its inverse.

    A complex FFT of length n takes 5 n log2 n operations and a real one half (FFTW's convention,
    https://www.fftw.org/speed/), two to a MAC.
    """
    return 1.25 * n * math.log2(n)


def mel_macs(samples: int, *, n_fft: int, hop: int, n_mels: int) -> float:
    """MACs of a Mel spectrogram: an FFT and the Mel filters for every frame."""
    return (1 + samples // hop) * (real_fft(n_fft) + (n_fft // 2 + 1) * n_mels)


def mfcc_macs(samples: int, *, n_fft: int, hop: int, n_mels: int, n_mfcc: int, deltas: int) -> float:
    """MACs of MFCCs: a Mel spectrogram, a cosine transform for every frame, and deltas of deltas."""
    frames = 1 + samples // hop
    mel = mel_macs(samples, n_fft=n_fft, hop=hop, n_mels=n_mels)
    return mel + frames * n_mfcc * (n_mels + deltas * DELTA)
