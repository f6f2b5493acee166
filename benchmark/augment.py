"""Carries out changes: on the waves of train clips, once, and on batches of features, as they come.

A change's amount and its chance are drawn whether or not it is done, each change from draws of its own, so
that one change's chance shifts nothing for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import soxr

from benchmark.audio import RATE
from protocols.contract import Change
from protocols.errors import PluginError

if TYPE_CHECKING:
    import torch

VERSION = 1  # a new one whenever `waves` answers with other numbers
LIFTER = 24  # cepstral coefficients of an envelope: 1.5 ms, below the period of any voice

SCHLUETER = (
    "J. Schlüter, T. Grill: Exploring Data Augmentation for Improved Singing Voice Detection with Neural "
    "Networks. ISMIR 2015"
)
PARK = (
    "D. S. Park et al.: SpecAugment: A Simple Data Augmentation Method for Automatic Speech Recognition. "
    "Interspeech 2019. https://doi.org/10.21437/Interspeech.2019-2680"
)
SOURCES = {
    "noise": (
        "C. M. Bishop: Training with Noise is Equivalent to Tikhonov Regularization. Neural Computation "
        "7(1), 1995. https://doi.org/10.1162/neco.1995.7.1.108"
    ),
    "gain": SCHLUETER,
    "time-shift": (
        "K. J. Piczak: Environmental Sound Classification with Convolutional Neural Networks. MLSP 2015. "
        "https://doi.org/10.1109/MLSP.2015.7324337"
    ),
    "speed": (
        "T. Ko et al.: Audio Augmentation for Speech Recognition. Interspeech 2015. "
        "https://doi.org/10.21437/Interspeech.2015-711"
    ),
    "pitch": (
        "J. Salamon, J. P. Bello: Deep Convolutional Neural Networks and Data Augmentation for Environmental "
        "Sound Classification. IEEE Signal Processing Letters 24(3), 2017. "
        "https://doi.org/10.1109/LSP.2017.2657381"
    ),
    "vocal-tract": (
        "After N. Jaitly, G. E. Hinton: Vocal Tract Length Perturbation (VTLP) Improves Speech Recognition. "
        "ICML Workshop on Deep Learning for Audio, Speech and Language Processing, 2013"
    ),
    "time-mask": PARK,
    "band-mask": PARK,
    "band-shift": f"After {SCHLUETER}: their scaling of frequency, which on mel bands is nearly a shift",
}
LIMITS = {  # of the amounts: least and greatest
    "noise": (-40.0, 120.0),
    "gain": (-60.0, 60.0),
    "time-shift": (-60.0, 60.0),
    "speed": (0.25, 4.0),
    "pitch": (-24.0, 24.0),
    "vocal-tract": (0.5, 2.0),
    "time-mask": (0.0, 1.0),
    "band-mask": (0.0, 1000.0),
    "band-shift": (-1000.0, 1000.0),
}


def check(changes: Iterable[Change], *, known: Iterable[str]) -> None:
    """PluginError where a change is not among the `known` (WAVE or FEATURE), or its numbers make no sense."""
    for change in changes:
        if change.kind not in known:
            raise PluginError(f"there is no change {change.kind!r} here; known: {', '.join(known)}.")
        least, most = LIMITS[change.kind]
        if not least <= change.low <= change.high <= most:
            raise PluginError(
                f"{change.kind}: from {change.low:g} to {change.high:g} is no range; "
                f"give low <= high, both from {least:g} to {most:g}."
            )
        if not 0 <= change.chance <= 1:
            raise PluginError(f"{change.kind}: the chance {change.chance:g} is not from 0 to 1.")


def identity(changes: Sequence[Change]) -> dict[str, Any]:
    """What decides the numbers of `waves` besides its seed, as JSON holds it: changes and our version."""
    return {"changes": [asdict(change) for change in changes], "version": VERSION}


def waves(wave: np.ndarray, changes: Sequence[Change], *, rng: np.random.Generator) -> np.ndarray:
    """A wave (samples,), 16 kHz mono float32, after all changes in their order; "speed" alters its length."""
    for change, own in zip(changes, rng.spawn(len(changes)), strict=True):
        amount, luck = own.uniform(change.low, change.high), own.random()
        if luck < change.chance:
            wave = WAVE[change.kind](wave, amount, own)
    return np.ascontiguousarray(wave, dtype=np.float32)


def _noise(wave: np.ndarray, snr: float, rng: np.random.Generator) -> np.ndarray:
    """White noise, `snr` dB below the whole clip's power; silence stays silence."""
    scale = np.sqrt(np.mean(wave**2, dtype=np.float64) / 10 ** (snr / 10))
    return wave + np.float32(scale) * rng.standard_normal(len(wave), dtype=np.float32)


def _gain(wave: np.ndarray, decibel: float, _: np.random.Generator) -> np.ndarray:
    return wave * np.float32(10 ** (decibel / 20))  # not clipped: samples may lie beyond 1


def _time_shift(wave: np.ndarray, seconds: float, _: np.random.Generator) -> np.ndarray:
    """Later by so many seconds, or sooner where negative; zeros move in."""
    shift = round(seconds * RATE)
    moved = np.pad(wave, (max(shift, 0), max(-shift, 0)))
    return moved[: len(wave)] if shift > 0 else moved[len(moved) - len(wave) :]


def _speed(wave: np.ndarray, factor: float, _: np.random.Generator) -> np.ndarray:
    """As a tape that runs faster: tempo and pitch times `factor`."""
    faster = soxr.resample(wave, factor * RATE, RATE, quality="HQ")
    return faster if len(faster) else wave[:1]


def _pitch(wave: np.ndarray, semitones: float, _: np.random.Generator) -> np.ndarray:
    """Higher by so many semitones, formants too, at the same tempo: phase vocoder, then resampling."""
    import librosa

    n_fft = 1024  # 64 ms: long enough to tell a low voice's harmonics apart
    long = _at_least(wave, n_fft)
    return librosa.effects.pitch_shift(long, sr=RATE, n_steps=semitones, n_fft=n_fft)[: len(wave)]


def _vocal_tract(wave: np.ndarray, factor: float, _: np.random.Generator) -> np.ndarray:
    """Formants times `factor`, with pitch and duration as they are.

    Each frame's spectral envelope is c_0 + 2 sum c_n cos(n w), with the first cepstral coefficients c; the
    filter that moves it is the envelope at w / factor over the envelope at w.
    """
    import librosa

    n_fft = 256  # 16 ms: too short to resolve the harmonics, which the envelope is to leave out
    spectrum = librosa.stft(_at_least(wave, n_fft), n_fft=n_fft, hop_length=n_fft // 4)  # (bins, frames)
    magnitude = np.abs(spectrum)
    floor = max(1e-4 * magnitude.max(), 1e-10)  # 80 dB below the loudest
    cepstrum = np.fft.irfft(np.log(np.maximum(magnitude, floor)), axis=0)[:LIFTER]  # (LIFTER, frames)
    frequency = np.linspace(0, np.pi, len(spectrum))
    source = np.minimum(frequency / factor, np.pi)
    still, moved = (np.cos(np.outer(w, np.arange(LIFTER))) for w in (frequency, source))  # (bins, LIFTER)
    filtered = spectrum * np.exp(2 * (moved - still) @ cepstrum)
    return librosa.istft(filtered, hop_length=n_fft // 4, length=len(wave))


def _at_least(wave: np.ndarray, samples: int) -> np.ndarray:
    return np.pad(wave, (0, max(samples - len(wave), 0)))


WAVE: dict[str, Callable[[np.ndarray, float, np.random.Generator], np.ndarray]] = {
    "noise": _noise,
    "gain": _gain,
    "time-shift": _time_shift,
    "speed": _speed,
    "pitch": _pitch,
    "vocal-tract": _vocal_tract,
}


def features(x: torch.Tensor, lengths: torch.Tensor, changes: Sequence[Change]) -> torch.Tensor:
    """A batch (b, frames, channels) after all changes in their order, each drawn for each clip by itself.

    `x` is standardised, so that 0 is the mean, and 0 beyond `lengths` (b,), where it stays so. Draws come
    from torch's own generator of x's device.
    """
    import torch

    for change in changes:
        amount, place, luck = torch.rand(3, len(x), device=x.device)  # (b,) each
        changed = FEATURE[change.kind](x, lengths, _between(change, amount), place)
        x = torch.where((luck < change.chance)[:, None, None], changed, x)
    return x


def _between(change: Change, amount: torch.Tensor) -> torch.Tensor:
    """What was drawn from [0, 1) as a share from low to high, or as bands: one of the whole numbers."""
    if change.kind == "time-mask":
        return change.low + amount * (change.high - change.low)
    return (change.low + amount * (change.high - change.low + 1)).floor().clamp(max=change.high)


def _time_mask(
    x: torch.Tensor, lengths: torch.Tensor, share: torch.Tensor, place: torch.Tensor
) -> torch.Tensor:
    """A run of frames becomes 0: a share of the clip's own length."""
    hidden = _run((share * lengths).round(), lengths, place, x.shape[1])  # (b, frames)
    return x.masked_fill(hidden[:, :, None], 0)


def _band_mask(x: torch.Tensor, _: torch.Tensor, bands: torch.Tensor, place: torch.Tensor) -> torch.Tensor:
    """A run of bands becomes 0."""
    channels = x.shape[2]
    hidden = _run(bands.clamp(max=channels), channels, place, channels)  # (b, channels)
    return x.masked_fill(hidden[:, None, :], 0)


def _band_shift(x: torch.Tensor, _: torch.Tensor, bands: torch.Tensor, __: torch.Tensor) -> torch.Tensor:
    """All bands move up by so many, or down where negative; 0 moves in."""
    import torch

    channels = x.shape[2]
    source = torch.arange(channels, device=x.device) - bands.long()[:, None]  # (b, channels)
    outside = (source < 0) | (source >= channels)
    moved = x.gather(2, source.clamp(0, channels - 1)[:, None, :].expand_as(x))
    return moved.masked_fill(outside[:, None, :], 0)


def _run(width: torch.Tensor, room: torch.Tensor | int, place: torch.Tensor, n: int) -> torch.Tensor:
    """True in a run of `width` (b,) among the first `room` of n, evenly placed: (b, n)."""
    import torch

    start = (place * (room - width + 1)).floor()
    at = torch.arange(n, device=width.device)
    return (at >= start[:, None]) & (at < (start + width)[:, None])


FEATURE: dict[str, Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]] = {
    "time-mask": _time_mask,
    "band-mask": _band_mask,
    "band-shift": _band_shift,
}
