"""Mel spectrograms by PyTorch: the numbers of torchaudio's `MelSpectrogram`, bit for bit, in less time.

It takes some frames at a time, so that what is between stays in the processor's cache, and what several front
ends ask for of one clip is computed once (`spectrum.shared`).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import torch

from benchmark.audio import torchaudio_stub
from benchmark.audio.reader import RATE
from benchmark.features import spectrum

torchaudio_stub.install()
from torchaudio import functional, transforms  # noqa: E402  (not before the stub)

AT_ONCE = 128  # frames
RANGE = 80.0  # dB below a clip's loudest band, where it is cut off


@spectrum.once
def mel(
    wave: np.ndarray, *, n_fft: int, hop: int, n_mels: int, window: int = 0, hamming: bool = False
) -> torch.Tensor:
    """(samples,) -> the power in Mel bands, (frames, n_mels); `window` and `hamming` are as of `power`."""
    return power(wave, n_fft=n_fft, hop=hop, window=window, hamming=hamming) @ _filters(n_fft, n_mels)


@spectrum.once
def power(wave: np.ndarray, *, n_fft: int, hop: int, window: int, hamming: bool) -> torch.Tensor:
    """(samples,) -> the power spectrum of frames with zeros beyond both ends, (frames, n_fft // 2 + 1).

    `window`: its length in samples (0 = n_fft), Hann's, or with `hamming` Hamming's.
    """
    padded = torch.nn.functional.pad(torch.from_numpy(wave), (n_fft // 2, n_fft // 2))
    frames = padded.unfold(0, n_fft, hop)  # (frames, n_fft), a view
    out = torch.empty(len(frames), n_fft // 2 + 1)
    weights = window_weights(n_fft, window or n_fft, hamming)
    for some, place in zip(frames.split(AT_ONCE), out.split(AT_ONCE), strict=True):
        torch.square(torch.fft.rfft(some * weights).abs(), out=place)
    return out


def decibel(bands: torch.Tensor) -> torch.Tensor:
    """The power in dB, not more than RANGE below the loudest."""
    return functional.amplitude_to_DB(bands, 10.0, 1e-10, 0.0, top_db=RANGE)


@cache
def window_weights(n_fft: int, length: int, hamming: bool) -> torch.Tensor:
    """(n_fft,), with zeros on both sides of one that is shorter."""
    window = (torch.hamming_window if hamming else torch.hann_window)(length)
    left = (n_fft - length) // 2
    return torch.nn.functional.pad(window, (left, n_fft - length - left))


@cache
def _filters(n_fft: int, n_mels: int) -> torch.Tensor:
    """(n_fft // 2 + 1, n_mels), Slaney's: see `spectrum`."""
    scale = transforms.MelScale(n_mels, RATE, n_stft=n_fft // 2 + 1, norm="slaney", mel_scale="slaney")
    return scale.fb
