"""What a voice does from frame to frame: melody, loudness, timbre, whatever the recording's level.

Frames of 40 ms under Hann's window every 10 ms. What lies more than 40 dB below the loudest frames at either
end of a clip is cut off, and the mean power of the rest becomes 1: a gain changes nothing, and nothing more
than 60 dB below the loudest band counts. Names and definitions of spectral shape and of harmonics are those
of GeMAPS where it has them (F. Eyben et al., IEEE Transactions on Affective Computing 7(2), 2016).

At a speed other than 1 a clip is taken for one that was recorded at as many times the rate: pitch, formants
and tempo are as many times as high. Nothing is resampled, and frequencies that the recording lacks are empty.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import fft

from benchmark.audio.reader import RATE
from benchmark.features import f0, spectrum

WINDOW, HOP, SPECTRUM = 0.040, 0.010, 0.064  # seconds; of SPECTRUM's length is the FFT
BANDS, LOW, HIGH = 64, 60.0, 7600.0  # mel, from and to Hz
CEPSTRA = 15
ENDS, FLOOR = 40, 60  # dB below the loudest: where a clip begins and ends, and what counts as silence
FEWEST = 10  # frames
TINY = 1e-10  # power that is added where a logarithm is taken


@dataclass(frozen=True, eq=False)
class Analysis:
    """What all clips of a rate share."""

    rate: float  # Hz, after the speed
    hop: int  # samples
    n_fft: int
    window: np.ndarray  # (samples,)
    hertz: np.ndarray  # (bins,)


@dataclass(frozen=True)
class Contours:
    """A clip, trimmed and at a mean power of 1."""

    table: dict[str, np.ndarray]  # name -> (frames,): what every frame has
    voice: dict[str, np.ndarray]  # name -> (frames,): what means something where a frame is voiced
    hertz: np.ndarray  # (frames,), 0 where unvoiced
    mel: np.ndarray  # (frames, BANDS) in dB
    cepstra: np.ndarray  # (frames, CEPSTRA)


@cache
def analysis(speed: float) -> Analysis:
    """How clips are analysed at this speed."""
    rate = RATE * speed
    n_fft, length = round(SPECTRUM * rate), round(WINDOW * rate)
    window = np.hanning(length + 1)[:-1].astype(np.float32)
    hertz = fft.rfftfreq(n_fft, 1 / rate).astype(np.float32)
    there = hertz <= RATE / 2  # as at speed 1
    return Analysis(rate, round(HOP * rate), n_fft, window, hertz[there])


@cache
def _bank(how: Analysis) -> np.ndarray:
    """(bins, BANDS): triangles on the mel scale of HTK, each sums to 1, but for those beyond all bins.

    They are those of `librosa.filters.mel` to the bit, so that who has NumPy and SciPy alone gets them too.
    """
    low, high = (2595 * np.log10(1 + hertz / 700) for hertz in (LOW, HIGH))
    edges = 700 * (10 ** (np.linspace(low, high, BANDS + 2) / 2595) - 1)  # Hz
    beyond = np.subtract.outer(edges, np.fft.rfftfreq(how.n_fft, 1 / how.rate))  # (BANDS + 2, bins)
    width = np.diff(edges)[:, None]
    sides = -beyond[:-2] / width[:-1], beyond[2:] / width[1:]  # up, down
    bank = np.maximum(0, np.minimum(*sides)).astype(np.float32)
    total = bank.astype(np.float64).sum(axis=1, keepdims=True)
    bank = (bank / np.where(total > 0, total, 1)).astype(np.float32)
    return bank.T[: len(how.hertz)]


def contours(wave: np.ndarray, speed: float = 1.0) -> Contours:
    """Of a wave (samples,) at RATE."""
    how = analysis(speed)
    frames = _frames(wave, how)
    spectra = fft.rfft(frames * how.window, how.n_fft, axis=1)[:, : len(how.hertz)]
    power = spectra.real**2 + spectra.imag**2  # (frames, bins)
    kept = _loud(power.sum(axis=1))
    frames, power = frames[kept], power[kept]
    scale = 1 / max(float(power.sum(axis=1).mean()), 1e-20)
    power *= np.float32(scale)
    mel = decibel(power @ _bank(how))
    mel = np.maximum(mel, mel.max() - FLOOR)
    cepstra = fft.dct(mel, norm="ortho", axis=1)[:, :CEPSTRA]
    found = f0.melody(power, how.window, how.n_fft, how.rate)
    table = {
        **_loudness(power, mel),
        "periodicity": found.periodicity,
        **_shape(power[:, 4:], how.hertz[4:]),
        **_balance(power, mel, how),
        **_wave_form(frames, np.sqrt(scale)),
        **{f"mfcc{k}": cepstra[:, k] for k in range(1, CEPSTRA)},
        **_wide_bands(mel),
    }
    voice = _harmonics(power, found, how)
    return Contours(table, voice, found.hertz, mel, cepstra)


def decibel(power: np.ndarray) -> np.ndarray:
    """Of a power."""
    return 10 * np.log10(power + TINY)


def semitones(hertz: np.ndarray) -> np.ndarray:
    """Above 100 Hz."""
    return 12 * np.log2(hertz / 100)


def delta(x: np.ndarray) -> np.ndarray:
    """Slope (n, ...) of the straight line through five frames, the first and the last one repeated."""
    from scipy import signal  # here, since its import takes a second

    return signal.savgol_filter(x, spectrum.DELTA, 1, deriv=1, axis=0, mode="nearest")


def _frames(wave: np.ndarray, how: Analysis) -> np.ndarray:
    """(frames, samples), centred on every hop, zeros beyond both ends; at least FEWEST."""
    wave = np.pad(wave, (0, max(0, (FEWEST - 1) * how.hop - len(wave))))
    wave = wave - wave.mean()
    half = len(how.window) // 2
    padded = np.pad(wave, (half, half + how.hop))
    views = np.lib.stride_tricks.sliding_window_view(padded, len(how.window))
    return views[: len(wave) + 1 : how.hop]


def _loud(energy: np.ndarray) -> slice:
    """From the first to the last frame that is not silence; all where they would be too few."""
    level = decibel(energy / max(energy.max(), 1e-20))
    loud = np.flatnonzero(level > np.percentile(level, 98) - ENDS)
    return slice(loud[0], loud[-1] + 1) if len(loud) >= FEWEST else slice(None)


def _loudness(power: np.ndarray, mel: np.ndarray) -> dict[str, np.ndarray]:
    level = decibel(power.sum(axis=1))
    return {
        "level": np.maximum(level, level.max() - FLOOR),
        "loudness": (10 ** (0.03 * mel)).mean(axis=1),  # Stevens's power law in each band
        "change": np.log1p(np.abs(delta(mel)).mean(axis=1)),
    }


def _shape(power: np.ndarray, hertz: np.ndarray) -> dict[str, np.ndarray]:
    """The spectrum as a distribution over frequency, in kHz."""
    share = power / np.maximum(power.sum(axis=1, keepdims=True), TINY)
    below = np.cumsum(share, axis=1)
    khz = hertz / 1000
    centroid = share @ khz
    root = np.sqrt(share)
    return {
        **{f"rolloff{p}": (below < p / 100).sum(axis=1) * (khz[1] - khz[0]) for p in (25, 50, 75, 90)},
        "centroid": centroid,
        "spread": np.sqrt(np.maximum(share @ khz**2 - centroid**2, 0)),
        "entropy": -(share * np.log(share + 1e-12)).sum(axis=1),
        "flux": np.sqrt((np.diff(root, axis=0, prepend=root[:1]) ** 2).sum(axis=1)),
    }


def _balance(power: np.ndarray, mel: np.ndarray, how: Analysis) -> dict[str, np.ndarray]:
    """Low against high frequencies, in dB, and slopes in dB a band."""

    def within(low: float, high: float) -> np.ndarray:
        return power[:, (how.hertz >= low) & (how.hertz < high)]

    return {
        "alpha": decibel(within(1000, 5000).sum(axis=1)) - decibel(within(50, 1000).sum(axis=1)),
        "hammarberg": decibel(within(0, 2000).max(axis=1)) - decibel(within(2000, 5000).max(axis=1)),
        "slope": slope(mel.T),
        "slope_low": slope(mel[:, : BANDS // 4].T),
    }


def slope(x: np.ndarray) -> np.ndarray:
    """Of the straight line through the values (n, ...), for a step of one: (...)."""
    t = np.arange(len(x)) - (len(x) - 1) / 2
    return (t @ x) / (t @ t)


def _wave_form(frames: np.ndarray, gain: float) -> dict[str, np.ndarray]:
    return {
        "zero_crossings": np.diff(np.signbit(frames), axis=1).mean(axis=1),
        "peak_to_peak": np.ptp(frames, axis=1) * gain,
    }


def _wide_bands(mel: np.ndarray, n: int = 26) -> dict[str, np.ndarray]:
    edges = np.linspace(0, BANDS, n + 1).round().astype(int)
    return {f"band{k + 1}": mel[:, edges[k] : edges[k + 1]].mean(axis=1) for k in range(n)}


def _harmonics(power: np.ndarray, melody: f0.Melody, how: Analysis) -> dict[str, np.ndarray]:
    """Pitch, the first harmonic against the second and against the first and third formants' regions, HNR."""

    def harmonic(k: int) -> np.ndarray:
        bins = np.clip(np.rint(k * melody.hertz * how.n_fft / how.rate).astype(int), 1, power.shape[1] - 2)
        near = bins[:, None] + np.arange(-1, 2)
        return decibel(np.take_along_axis(power, near, axis=1).max(axis=1))

    def formant(low: float, high: float) -> np.ndarray:
        return decibel(power[:, (how.hertz > low) & (how.hertz < high)].max(axis=1))

    first = harmonic(1)
    r = np.clip(melody.periodicity, 0.01, 0.999)
    return {
        "pitch": semitones(np.where(melody.hertz > 0, melody.hertz, 100.0)),
        "h1_h2": first - harmonic(2),
        "h1_a3": first - formant(2200, 3500),
        "h1_a1": first - formant(250, 1000),
        "hnr": 10 * np.log10(r / (1 - r)),
    }
