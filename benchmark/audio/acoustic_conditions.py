"""Acoustic conditions: the fixed ways in which test clips are made worse (docs/robustness.md).

Noise and room are synthesised, and what chance decides of a clip follows from its name. So a condition gives
the same samples wherever the same versions of the libraries compute it.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import soundfile
import soxr

from benchmark.audio.reader import RATE
from benchmark.storage import canonical

VERSION = 1  # a new one whenever `altered` gives other numbers
LIBRARIES = ("scipy", "soundfile")  # whose versions may change them, beside soxr's

# Hz -> dB a hertz: the spectrum of speech at normal effort, of a long time (ANSI S3.5-1997, table 3).
SPEECH = {
    160: 32.41, 200: 34.48, 250: 34.75, 315: 33.98, 400: 34.59, 500: 34.27, 630: 32.06, 800: 28.30,
    1000: 25.01, 1250: 23.00, 1600: 20.15, 2000: 17.32, 2500: 13.18, 3150: 11.55, 4000: 9.33, 5000: 5.31,
    6300: 2.59, 8000: 1.13,
}  # fmt: skip

Alter = Callable[..., np.ndarray]  # (samples,), and by keyword the clip's name and settings -> (samples,)


@dataclass(frozen=True)
class Condition:
    """One condition: what it does to a clip, with all of its settings."""

    alter: Alter
    settings: Mapping[str, float]


def altered(wave: np.ndarray, condition: str, *, clip: str) -> np.ndarray:
    """A clip (samples,), 16 kHz mono float32, under the condition of this name; as many samples.

    `clip`: its name, from which its noise follows. Samples may lie beyond 1, and silence stays silence.
    """
    found = CONDITIONS[condition]
    return np.ascontiguousarray(found.alter(wave, clip=clip, **found.settings), dtype=np.float32)


def described(condition: str) -> dict[str, Any]:
    """A condition in plain data: its name and settings, and our version of what is done."""
    return {"name": condition, **CONDITIONS[condition].settings, "version": VERSION}


def digest() -> str:
    """SHA-256 of the whole table: results under tables of different digests are not compared."""
    return canonical.digest([described(name) for name in CONDITIONS])


def unavailable() -> dict[str, str]:
    """The conditions that cannot be had here, and why."""
    if soundfile.check_format("OGG", "OPUS"):
        return {}
    return {"opus-16": f"libsndfile {soundfile.__libsndfile_version__} writes no Opus"}


def _noise(wave: np.ndarray, *, clip: str, snr: float) -> np.ndarray:
    """Noise with the spectrum of speech, `snr` dB below the whole clip's power; at each level the same noise.

    So it masks all bands of a voice about alike, as a crowd does; white noise would mask consonants alone,
    and several models train with it.
    """
    noise = _speech_shaped(len(wave), np.random.default_rng(_seed(clip)))
    wanted, power = _power(wave) / 10 ** (snr / 10), _power(noise)
    return wave + np.sqrt(wanted / power) * noise if power else wave


def _speech_shaped(samples: int, rng: np.random.Generator) -> np.ndarray:
    """Gaussian noise whose spectrum is SPEECH, and level below it."""
    spectrum, known = np.fft.rfft(rng.standard_normal(samples)), np.array(list(SPEECH))
    frequencies = np.maximum(np.fft.rfftfreq(samples, 1 / RATE), known[0])
    level = np.interp(np.log(frequencies), np.log(known), list(SPEECH.values()))
    return np.fft.irfft(spectrum * 10 ** (level / 20), n=samples)


def _telephone(wave: np.ndarray, *, clip: str, rate: int, low: float, high: float) -> np.ndarray:  # noqa: ARG001
    """A telephone line: band-limited, at `rate` Hz, in the 8 bits of G.711's mu-law."""
    from scipy import signal

    narrow = soxr.resample(wave, RATE, rate, quality="HQ")
    band = signal.butter(4, (low, high), btype="bandpass", fs=rate, output="sos")
    line = np.clip(signal.sosfilt(band, narrow), -1, 1)
    coded = _through(line, rate, format="WAV", subtype="ULAW")
    return _as_long(soxr.resample(coded, rate, RATE, quality="HQ"), len(wave))


def _level(wave: np.ndarray, *, clip: str, factor: float) -> np.ndarray:  # noqa: ARG001
    return wave * np.float32(factor)


def _room(wave: np.ndarray, *, clip: str, **settings: float) -> np.ndarray:  # noqa: ARG001
    """A room's response, at the clip's own power, so that the room is all that differs."""
    from scipy import signal

    wet = signal.fftconvolve(wave, _response(**settings))[: len(wave)]
    return wet * np.sqrt(_power(wave) / power) if (power := _power(wet)) else wave


@cache
def _response(*, volume: float, reverberation: float, distance: float) -> np.ndarray:
    """From talker to microphone: the direct sound, then noise that falls by 60 dB in `reverberation` s.

    Polack's model of late reverberation (La transmission de l'énergie sonore dans les salles, 1988). Direct
    and reverberant sound are equally strong at the critical distance, 0.057 sqrt(volume / reverberation) m
    (H. Kuttruff: Room Acoustics, section 5.1), and so their ratio follows from `distance`.
    """
    t = np.arange(round(reverberation * RATE)) / RATE
    tail = np.random.default_rng(_seed("room")).standard_normal(len(t)) * 10 ** (-3 * t / reverberation)
    tail[0] = 0
    critical = 0.057 * np.sqrt(volume / reverberation)
    response = tail / np.linalg.norm(tail) * distance / critical
    response[0] = 1
    return response


def _opus(wave: np.ndarray, *, clip: str, bitrate: float) -> np.ndarray:  # noqa: ARG001
    """Opus at about `bitrate`, decoded again; libsndfile takes 0 to 1 for 256 down to 6 kbit/s."""
    level = (256_000 - bitrate) / 250_000
    return _through(wave, RATE, format="OGG", subtype="OPUS", compression_level=level)


def _through(wave: np.ndarray, rate: int, **codec: Any) -> np.ndarray:
    """What a codec makes of a clip: encoded and decoded by libsndfile, as many samples."""
    file = io.BytesIO()
    soundfile.write(file, wave, rate, **codec)
    file.seek(0)
    decoded, _ = soundfile.read(file, dtype="float32")
    return _as_long(decoded, len(wave))


def _as_long(wave: np.ndarray, samples: int) -> np.ndarray:
    return np.pad(wave, (0, max(samples - len(wave), 0)))[:samples]


def _power(wave: np.ndarray) -> float:
    return float(np.mean(np.square(wave, dtype=np.float64)))


def _seed(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:16])


CONDITIONS: dict[str, Condition] = {
    "noise-20": Condition(_noise, {"snr": 20}),  # dB
    "noise-10": Condition(_noise, {"snr": 10}),
    "noise-0": Condition(_noise, {"snr": 0}),
    "telephone": Condition(_telephone, {"rate": 8000, "low": 300, "high": 3400}),  # Hz
    "half-level": Condition(_level, {"factor": 0.5}),
    "tenth-level": Condition(_level, {"factor": 0.1}),
    "small-room": Condition(_room, {"volume": 30, "reverberation": 0.4, "distance": 1}),  # m³, s, m
    "opus-16": Condition(_opus, {"bitrate": 16_000}),
}
