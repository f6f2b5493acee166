"""Speech that nobody spoke: a source-filter voice, the same samples for the same arguments.

A pulse train (the glottis) and noise (breath, consonants) pass the resonances of a vocal tract, after
G. Fant: Acoustic Theory of Speech Production, Mouton 1960. Vowels are the men's means of G. E. Peterson,
H. L. Barney: Control Methods Used in a Study of the Vowels, JASA 24(2), 1952, 175-184. How an emotion moves
pitch, rate, level and spectral tilt follows, in direction and not in size, R. Banse, K. R. Scherer: Acoustic
Profiles in Vocal Emotion Expression, JPSP 70(3), 1996, 614-636, and P. N. Juslin, P. Laukka: Communication
of Emotions in Vocal Expression and Music Performance, Psychological Bulletin 129(5), 2003, 770-814.
"""

from __future__ import annotations

import hashlib
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]
Spectrum = NDArray[np.complex128]  # (frames, bins)

VERSION = "1"  # raise it whenever a sample changes

# F1 to F3 of i ɪ ɛ æ ɑ ɔ ʊ u ʌ ɝ; a fourth resonance is the same for all vowels
VOWELS = np.array(
    [
        (270, 2290, 3010), (390, 1990, 2550), (530, 1840, 2480), (660, 1720, 2410), (730, 1090, 2440),
        (570, 840, 2410), (440, 1020, 2240), (300, 870, 2240), (640, 1190, 2390), (490, 1350, 1690),
    ],
    dtype=float,
)  # fmt: skip
FOURTH = 3500.0
BANDWIDTHS = np.array([70.0, 100.0, 150.0, 250.0])

# how much the glottis sounds, how much noise there is, and where it lies: s ʃ f t k p, z, m and n, l
CONSONANTS = np.array(
    [
        (0.0, 0.9, 6000), (0.0, 0.9, 3200), (0.0, 0.4, 4500), (0.0, 0.7, 4000), (0.0, 0.7, 1800),
        (0.0, 0.5, 900), (0.4, 0.5, 6000), (0.4, 0.0, 1000), (0.6, 0.0, 1000),
    ]
)  # fmt: skip


class Style(NamedTuple):
    """How a way of speaking differs from a speaker's neutral one."""

    pitch: float = 0.0  # semitones
    span: float = 0.0  # octaves of pitch range: 1 doubles the melody
    rise: float = 0.0  # semitones at the end
    rate: float = 0.0  # octaves of tempo
    level: float = 0.0  # dB
    tilt: float = 0.0  # dB an octave, more is brighter
    breath: float = 0.0  # dB
    tremor: float = 0.0  # semitones


STYLES = {
    "neutral": Style(),
    "anger": Style(pitch=3.5, span=0.6, rate=0.2, level=6.0, tilt=3.0, breath=-3.0, tremor=0.3),
    "boredom": Style(pitch=-2.0, span=-0.9, rate=-0.4, level=-2.5, tilt=-1.0),
    "calm": Style(pitch=-1.0, span=-0.4, rate=-0.2, level=-3.5, tilt=-1.5, breath=3.0),
    "disgust": Style(pitch=-1.0, span=0.2, rate=-0.35, level=0.5, tilt=0.5, breath=4.0, tremor=0.3),
    "fear": Style(pitch=5.0, span=-0.5, rate=0.3, level=0.5, tilt=-0.5, breath=5.0, tremor=0.7),
    "happiness": Style(pitch=4.0, span=0.8, rate=0.1, level=3.0, tilt=1.5),
    "sadness": Style(pitch=-1.5, span=-0.7, rate=-0.35, level=-5.0, tilt=-2.5, breath=5.0, tremor=0.2),
    "surprise": Style(pitch=5.0, span=0.9, rise=5.0, rate=0.0, level=2.0, tilt=0.5, breath=2.0),
}
INTENSITY = {"low": 0.6, "normal": 0.8, "strong": 1.2, "high": 1.3}
# How far an actor's idea of an emotion strays, and then one take of it: no two act alike.
ACTOR = np.array(Style(1.2, 0.25, 1.0, 0.12, 1.5, 0.8, 2.0, 0.1))
TAKE = np.array(Style(0.8, 0.2, 0.7, 0.08, 1.0, 0.5, 1.5, 0.1))

SYLLABLE = 0.15  # seconds, at neutral tempo
LEVEL = -28.0  # dB below full scale, root mean square
TILT = -6.0  # dB an octave: the glottis falls by 12, the lips' radiation gives 6 back (Fant 1960)
BREATH = -20.0  # dB, relative to the glottis
TREMOR = 0.15  # semitones
MARGIN = 0.04  # seconds of room before and after
FLOOR = 3e-4  # the room's own noise
WINDOW = 0.032  # seconds
BEATS = np.array([0.0, 0.15, 0.4, 0.7, 0.95])  # of a syllable: start, consonant, vowel from, to, end


class Voice(NamedTuple):
    """What stays the same whatever a speaker says."""

    pitch: float  # Hz
    tract: float  # formants relative to an average man's: a shorter tract has higher ones
    tempo: float
    level: float  # dB, the microphone's distance
    tilt: float  # dB an octave


class Syllables(NamedTuple):
    """The sounds of a sentence, whoever speaks it; one entry a syllable."""

    vowels: Array  # (n, 3) Hz
    consonants: Array  # (n, 3) as in CONSONANTS
    length: Array  # (n,) relative
    stress: Array  # (n,) 0 or 1


def utter(
    speaker_id: str,
    sex: str,
    emotion: str,
    sentence: str,
    *,
    intensity: str = "",
    take: str | int = "",
    syllables: int = 4,
    rate: int = 16000,
) -> NDArray[np.float32]:
    """One utterance: mono samples in [-1, 1] at `rate` Hz, 0.1 to 0.3 s a syllable.

    The names alone decide the sound: a speaker's voice, a sentence's syllables, an emotion's manner
    (one that STYLES lacks gets a manner of its own) and, by `take`, what differs between two attempts.
    """
    who, units = voice(speaker_id, sex), read(sentence, syllables)
    rng = _rng("take", speaker_id, emotion, sentence, intensity, str(take))
    how = manner(speaker_id, emotion, intensity, rng)
    start, length = _timing(units, who.tempo * 2**how.rate)
    n, hop = int((start[-1] + length[-1] + MARGIN) * rate), int(WINDOW * rate / 4)
    f = np.linspace(0, rate / 2, 2 * hop + 1)  # (bins,) Hz
    t = np.arange(-1, n // hop + 3) * hop / rate  # (frames,) seconds, the middle of each
    knots = (start[:, None] + length[:, None] * BEATS).ravel()  # (syllables * beats,) seconds

    pitch = who.pitch * 2 ** (_melody(units, knots, t, how, rng) / 12)
    bright = _decibels((TILT + who.tilt + how.tilt) * np.log2(np.maximum(f, 200) / 1000))
    glottis = _analyse(_pulses(pitch, t, n, rate), hop) * bright
    noise = _analyse(rng.normal(0, 0.1, n), hop)  # about as strong as the pulses
    vowel = (glottis + _decibels(BREATH + how.breath) * noise) * _tract(units, knots, t, who.tract, f)
    sound = _synthesise(vowel * _loudness(units, knots, t) + noise * _hiss(units, knots, t, f))[:n]
    sound *= _decibels(LEVEL + who.level + how.level) / np.sqrt(np.mean(sound**2))
    return np.clip(sound + rng.normal(0, FLOOR, n), -1, 1).astype(np.float32)


def voice(speaker_id: str, sex: str) -> Voice:
    """The speaker's pitch, vocal tract and habits; women's from higher ranges."""
    rng = _rng("voice", speaker_id, sex)
    pitch, tract = (200.0, 1.17) if sex == "female" else (115.0, 1.0)
    stray = rng.normal(0, 1, 5).clip(-2, 2)
    return Voice(
        pitch=pitch * 2 ** (2.0 * stray[0] / 12),
        tract=tract * 2 ** (0.05 * stray[1]),
        tempo=2 ** (0.1 * stray[2]),
        level=2.0 * stray[3],
        tilt=1.0 * stray[4],
    )


def read(sentence: str, syllables: int) -> Syllables:
    """The syllables of a sentence, the same for every speaker."""
    rng = _rng("sentence", sentence)
    stress = (rng.random(syllables) < 0.4).astype(float)
    stress[rng.integers(syllables)] = 1.0  # every sentence has one
    return Syllables(
        vowels=VOWELS[rng.integers(len(VOWELS), size=syllables)],
        consonants=CONSONANTS[rng.integers(len(CONSONANTS), size=syllables)],
        length=rng.uniform(0.85, 1.15, syllables) * (0.92 + 0.25 * stress),
        stress=stress,
    )


def manner(speaker_id: str, emotion: str, intensity: str, rng: np.random.Generator) -> Style:
    """How this speaker shows this emotion this time."""
    drawn = np.array(Style(2.5, 0.5, 1.0, 0.2, 2.5, 1.2, 3.0, 0.2)) * _rng("emotion", emotion).normal(0, 1, 8)
    shown = np.array(STYLES.get(emotion, drawn)) * INTENSITY.get(intensity, 1.0)
    own = ACTOR * _rng("actor", speaker_id, emotion).normal(0, 1, 8).clip(-2, 2)
    return Style(*(shown + own + TAKE * rng.normal(0, 1, 8).clip(-2, 2)))


def _timing(syllables: Syllables, tempo: float) -> tuple[Array, Array]:
    """Start and length of each syllable, in seconds."""
    length = SYLLABLE * syllables.length / tempo
    return MARGIN + np.cumsum(length) - length, length


def _loudness(syllables: Syllables, knots: Array, t: Array) -> Array:
    """How much the glottis sounds, (frames, 1)."""
    ones, loud = np.ones_like(syllables.stress), 0.7 + 0.3 * syllables.stress
    beats = np.stack([0.15 * ones, syllables.consonants[:, 0], loud, loud, 0.3 * ones], axis=1)
    return np.interp(t, knots, beats.ravel(), left=0, right=0)[:, None]


def _hiss(syllables: Syllables, knots: Array, t: Array, f: Array) -> Array:
    """The consonants' noise, about an octave around its centre, (frames, bins)."""
    loud = np.interp(t, knots, np.outer(syllables.consonants[:, 1], [0, 1, 0, 0, 0]).ravel(), left=0, right=0)
    centre = np.interp(t, knots, np.repeat(syllables.consonants[:, 2], len(BEATS)))
    away = np.log2(np.maximum(f, 20) / centre[:, None])  # octaves
    return np.asarray(loud[:, None] * np.exp(-2 * away**2))


def _melody(syllables: Syllables, knots: Array, t: Array, how: Style, rng: np.random.Generator) -> Array:
    """Pitch in semitones above the speaker's own, (frames,): it declines, with an accent on each stress."""
    n = len(syllables.stress)
    accents = np.outer(2.5 * syllables.stress + rng.normal(0, 0.4, n), [0, 0.3, 1, 0.8, 0.2])
    place = np.linspace(0, 1, accents.size)
    line = 2**how.span * (accents.ravel() + 1.5 - 3.0 * place) + how.rise * place.clip(0.6) ** 4
    tremor = max(TREMOR + how.tremor, 0.02)
    return np.asarray(how.pitch + np.interp(t, knots, line) + rng.normal(0, tremor, len(t)))


def _pulses(pitch: Array, t: Array, n: int, rate: int) -> Array:
    """A train of unit pulses at `pitch` Hz, each shared by the two samples beside its moment."""
    step = np.interp(np.arange(n) / rate, t, pitch) / rate
    phase = np.cumsum(step)
    at = np.flatnonzero(np.diff(np.floor(phase))) + 1
    late = (phase[at] - np.floor(phase[at])) / step[at]  # of a sample
    train = np.zeros(n)
    train[at], train[at - 1] = 1 - late, late
    return train


def _tract(syllables: Syllables, knots: Array, t: Array, scale: float, f: Array) -> Spectrum:
    """The vocal tract's resonances in cascade, gliding from vowel to vowel, (frames, bins)."""
    targets = np.repeat(syllables.vowels, len(BEATS), axis=0).T  # (3, knots)
    glide = [np.interp(t, knots, target) for target in targets] + [np.full(len(t), FOURTH)]
    below = np.ones((len(t), len(f)), dtype=complex)
    for formant, bandwidth in zip(scale * np.array(glide), BANDWIDTHS, strict=True):
        below *= 1 + f / formant[:, None] ** 2 * (1j * bandwidth - f)  # F² + jBf - f², over F²
    return np.asarray(1 / below, dtype=complex)


def _analyse(samples: Array, hop: int) -> Spectrum:
    """Spectra of frames of four hops, one a hop, the first three hops before the start."""
    window = np.hanning(4 * hop + 1)[:-1]
    padded = np.pad(samples, (3 * hop, 4 * hop))
    return np.asarray(np.fft.rfft(sliding_window_view(padded, 4 * hop)[::hop] * window))


def _synthesise(spectra: Spectrum) -> Array:
    """Samples again: frames added where they overlap (the windows add up to a constant)."""
    frames = np.fft.irfft(spectra)
    parts = frames.reshape(len(frames), 4, -1)
    total = np.zeros((len(frames) + 3, parts.shape[2]))
    for turn in range(4):
        total[turn : turn + len(frames)] += parts[:, turn]
    return total[3:].ravel()


def _decibels(level: Array | float) -> Array:
    return np.asarray(10 ** (np.asarray(level) / 20))


def _rng(*names: str) -> np.random.Generator:
    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))
