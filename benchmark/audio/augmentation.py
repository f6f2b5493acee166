"""Augments the waves of training clips.

An augmentation's amount, and whether it is applied, are drawn in any case, for each augmentation by a
generator of its own, so that one's probability shifts nothing for the others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import soxr

from benchmark.audio.reader import RATE
from protocols.contract import Augmentation

VERSION = 1  # a new one whenever `augmented` gives other numbers
LIFTER = 24  # cepstral coefficients of an envelope: 1.5 ms, below the period of any voice


def identity(augmentation: Sequence[Augmentation]) -> dict[str, Any]:
    """What decides the numbers of `augmented` besides its seed, as JSON holds it: each step, our version."""
    return {"steps": [asdict(each, dict_factory=plain) for each in augmentation], "version": VERSION}


def plain(fields: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An augmentation's fields as keys hold them: without `copies`, which came later, where it is empty."""
    return {name: value for name, value in fields if (name, value) != ("copies", ())}


def of_copy(augmentation: Sequence[Augmentation], number: int) -> list[Augmentation]:
    """What the augmented copies of this number, from 1 on, go through."""
    return [each for each in augmentation if not each.copies or number in each.copies]


def augmented(
    wave: np.ndarray, augmentation: Sequence[Augmentation], *, rng: np.random.Generator
) -> np.ndarray:
    """A wave (samples,), 16 kHz mono float32, after all augmentations in their order.

    "speed" alters its length.
    """
    for each, own in zip(augmentation, rng.spawn(len(augmentation)), strict=True):
        amount, drawn = own.uniform(each.low, each.high), own.random()
        if drawn < each.probability:
            wave = WAVE[each.kind](wave, amount, own)
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
    from benchmark.audio.librosa_import import librosa

    n_fft = 1024  # 64 ms: long enough to tell a low voice's harmonics apart
    long = _at_least(wave, n_fft)
    return librosa.effects.pitch_shift(long, sr=RATE, n_steps=semitones, n_fft=n_fft)[: len(wave)]


def _vocal_tract(wave: np.ndarray, factor: float, _: np.random.Generator) -> np.ndarray:
    """Formants times `factor`, with pitch and duration as they are.

    Each frame's spectral envelope is c_0 + 2 sum c_n cos(n w), with the first cepstral coefficients c; the
    filter that moves it is the envelope at w / factor over the envelope at w.
    """
    from benchmark.audio.librosa_import import librosa

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
