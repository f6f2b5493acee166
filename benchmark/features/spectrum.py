"""The short-time spectrum that several front ends begin with, and what it costs.

Mel filters and cepstra follow Slaney's Auditory Toolbox (1998) as librosa does, with zeros at both ends, so
that torchaudio's numbers and librosa's agree to 1e-4.
"""

from __future__ import annotations

import math
from typing import Any

STFT = {"n_fft": 512, "hop": 160, "n_mels": 64}  # 32 ms windows every 10 ms
DELTA = 5  # frames that a delta weighs


def mel_options(n_fft: int, hop: int, n_mels: int) -> dict[str, Any]:
    """As torchaudio's MelSpectrogram takes them."""
    return {
        "n_fft": n_fft,
        "hop_length": hop,
        "n_mels": n_mels,
        "norm": "slaney",
        "mel_scale": "slaney",
        "pad_mode": "constant",
    }


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
