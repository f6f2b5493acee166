"""Mel spectrogram in decibels, as rows of frames or as an image of one size.

Of its options, `window` is the length of the STFT's window in samples (0 = n_fft), Hann's, or with `hamming`
Hamming's. With `seconds` the wave is cropped to its middle or padded with zeros at its end to so many; with
`resize` the frames are resized along time to so many (bilinear, antialiased). 0 turns them off.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.audio.reader import RATE
from benchmark.features import spectrum
from benchmark.features.front_end import Compute, FrontEnd, centred
from protocols.errors import PluginError

if TYPE_CHECKING:
    import torch


def make(
    n_fft: int, hop: int, n_mels: int, window: int, hamming: bool, seconds: float, resize: int
) -> Compute:
    import torch

    from benchmark.features import mel

    options = {"n_fft": n_fft, "hop": hop, "n_mels": n_mels, "window": window, "hamming": hamming}

    def compute(wave: np.ndarray) -> np.ndarray:
        wave = fit(wave, round(seconds * RATE)) if seconds else wave
        image = mel.decibel(mel.mel(wave, **options)).T  # (n_mels, frames)
        if resize:
            image = torch.nn.functional.interpolate(
                image[None, None], size=(n_mels, resize), mode="bilinear", antialias=True
            )[0, 0]
        return image.T.numpy()  # (frames, n_mels)

    return compute


def network(seconds: float, resize: int, **options: Any) -> torch.nn.Module:
    from benchmark.features.mel_network import Mel, MelImage

    if resize and not seconds:
        raise PluginError("log-mel: what is resized from any length is not exported; give `seconds` too.")
    return MelImage(seconds=seconds, resize=resize, **options) if seconds else Mel(**options)


def fit(wave: np.ndarray, samples: int) -> np.ndarray:
    """Cropped to its middle, or padded with zeros at its end: (samples,)."""
    first = max(len(wave) - samples, 0) // 2
    wave = wave[first : first + samples]
    return np.pad(wave, (0, samples - len(wave)))


def fixed(*, hop: int, seconds: float, resize: int, **_: Any) -> int:
    if seconds and not resize:
        return centred(round(seconds * RATE), hop=hop)
    return int(resize)


def used(given: float, *, seconds: float, **_: Any) -> float:
    return min(given, seconds or math.inf)


def macs(samples: int, *, n_fft: int, hop: int, n_mels: int, seconds: float, **_: Any) -> float:
    """With `seconds` every clip is as long; resizing is interpolation, which counts nothing."""
    return spectrum.mel_macs(round(seconds * RATE) or samples, n_fft=n_fft, hop=hop, n_mels=n_mels)


def without_level(clip: np.ndarray) -> np.ndarray:
    """Less the mean of all its decibels: another level adds the same to each."""
    return clip - clip.mean()


FRONT_END = FrontEnd(
    name="log-mel",
    make=make,
    half=True,
    without_level=without_level,
    network=network,
    options=spectrum.STFT,
    later={"window": 0, "hamming": False, "seconds": 0.0, "resize": 0},
    libraries=("torch", "torchaudio"),
    imports=("benchmark.features.mel",),
    fixed=fixed,
    used=used,
    macs=macs,
)
