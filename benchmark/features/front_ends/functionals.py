"""3535 functionals of a clip: statistics of what a voice does from frame to frame, at one speed or several.

Contours (`benchmark.features.contours`) are smoothed over three frames. Of each contour: moments, quantiles,
trend and peaks; of its slopes most of these; and where it lies in voiced frames. Of pitch and harmonics: all
of these in voiced frames. Then jitter and shimmer, the rhythm of voicing and pauses, how contours correlate,
and how fast each goes up and down. `names` names every one.

Each of `speeds` gives one frame, of the clip as a tape plays it that runs so many times as fast.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np

from benchmark.audio.reader import RATE
from benchmark.features import contours, spectrum
from benchmark.features.contours import Analysis, Contours, delta
from benchmark.features.front_end import Compute, FrontEnd
from protocols.errors import PluginError

QUANTILES = {"q01": 0.01, "q20": 0.2, "q50": 0.5, "q80": 0.8, "q99": 0.99}
# Which functionals are taken of the slopes of contours, and of contours in voiced frames; else all are.
OF_SLOPES = "mean std skewness kurtosis q01 q20 q80 q99 q20_q80 range trend residual above_75 crossings"
OF_VOICED = "mean std q20 q80"
FEWEST = 6  # voiced frames; where there are fewer, all frames stand in
LARGEST = 4  # semitones from frame to frame; more is an error of the octave
PAUSE = 25  # dB below the loudest frame
WINDOW, STEP = 64, 16  # frames of a modulation spectrum, and between two
CONTOURS, MELODY, MODULATED = 58, 18, 16  # how many there are: of a frame, in correlations, in modulation
RATES = ((1, 2), (2, 3), (3, 4), (4, 6), (6, 9), (9, 14), (14, 22))  # bins of 1.5625 Hz


class Block(NamedTuple):
    """Functionals of some columns: by name, one number a column."""

    columns: tuple[str, ...]
    values: dict[str, np.ndarray]  # functional -> (columns,)


def make(speeds: str) -> Compute:
    def compute(wave: np.ndarray) -> np.ndarray:
        return np.stack([vector(wave, speed) for speed in _speeds(speeds)])  # (speeds, functionals)

    return compute


def vector(wave: np.ndarray, speed: float = 1.0) -> np.ndarray:
    """All functionals of a wave (samples,), in the order of `names`."""
    return np.concatenate([value for block in blocks(wave, speed) for value in block.values.values()])


@cache
def names() -> tuple[str, ...]:
    """What each number is: "contour functional"."""
    noise = np.random.default_rng(0).normal(size=RATE)
    return tuple(
        f"{column} {functional}".strip()
        for block in blocks(noise)
        for functional in block.values
        for column in block.columns
    )


def blocks(wave: np.ndarray, speed: float = 1.0) -> Iterator[Block]:
    """All functionals of a wave (samples,), as a tape plays it at this speed."""
    found = contours.contours(wave, speed)
    columns = tuple(found.table)
    x = smooth(np.stack(list(found.table.values()), axis=1).astype(np.float32))  # (frames, contours)
    yield Block(columns, statistics(x))
    yield Block(tuple(f"{name}'" for name in columns), _some(statistics(delta(x)), OF_SLOPES))
    voiced = found.hertz > 0
    there = voiced if voiced.sum() >= FEWEST else np.ones_like(voiced)
    voice = np.stack(list(found.voice.values()), axis=1).astype(np.float32)
    yield Block(tuple(f"voiced {name}" for name in columns), _some(statistics(x[there]), OF_VOICED))
    yield Block(tuple(found.voice), statistics(voice[there]))
    yield Block(("",), {**perturbation(found), **rhythm(found)})
    yield correlations(found)
    yield modulation(found)


def smooth(x: np.ndarray) -> np.ndarray:
    """Mean of (frames, n) over three frames, the first and the last one repeated.

    Not by running sums, whose rounding would let what is constant rise and fall.
    """
    from scipy import ndimage

    return ndimage.convolve1d(x, np.full(3, 1 / 3), axis=0, mode="nearest")


def statistics(x: np.ndarray) -> dict[str, np.ndarray]:
    """Functionals of each column of (frames, n), by name; time goes from -0.5 to 0.5."""
    n = len(x)
    mean, std = x.mean(axis=0), x.std(axis=0) + 1e-6
    z = (x - mean) / std
    cube = z * z * z
    q01, q20, q50, q80, q99 = _quantiles(x)
    t = ((np.arange(n) - (n - 1) / 2) / n).astype(np.float32)
    bow = t**2 - (t**2).mean()
    trend, curvature = (w @ x / (w @ w + 1e-9) for w in (t, bow))
    explained = trend**2 * (t @ t) / n + curvature**2 * (bow @ bow) / n
    step = np.diff(x, axis=0)
    up, down = step > 0, step < 0
    peak = up[:-1] & ~up[1:]
    high = np.maximum(x - q01, 0)
    return {
        "mean": mean,
        "std": std,
        "skewness": cube.mean(axis=0),
        "kurtosis": (cube * z).mean(axis=0),
        **dict(zip(QUANTILES, (q01, q20, q50, q80, q99), strict=True)),
        "q20_q80": q80 - q20,
        "range": q99 - q01,
        "when_highest": x.argmax(axis=0) / n,
        "when_lowest": x.argmin(axis=0) / n,
        "trend": trend,
        "curvature": curvature,
        "residual": np.sqrt(np.maximum(std**2 - explained, 0)),
        "above_25": (x > q01 + 0.25 * (q99 - q01)).mean(axis=0),
        "above_75": (x > q01 + 0.75 * (q99 - q01)).mean(axis=0),
        "rising": up.mean(axis=0),
        "crossings": (z[1:] * z[:-1] < 0).mean(axis=0),
        "rise": np.maximum(step, 0).sum(axis=0) / np.maximum(up.sum(axis=0), 1),
        "fall": np.minimum(step, 0).sum(axis=0) / np.maximum(down.sum(axis=0), 1),
        "peaks": peak.sum(axis=0) / n,
        "peak_height": ((x - mean)[1:-1] * peak).sum(axis=0) / np.maximum(peak.sum(axis=0), 1),
        "centre": t @ high / (high.sum(axis=0) + 1e-6),
    }


def perturbation(found: Contours) -> dict[str, np.ndarray]:
    """Jitter and shimmer: how pitch, in semitones, and level, in dB, change from frame to voiced frame."""
    pitch, level = found.voice["pitch"], found.table["level"]
    step, voiced = np.diff(pitch), found.hertz > 0
    there = voiced[1:] & voiced[:-1] & (np.abs(step) < LARGEST)
    twice = there[1:] & there[:-1]
    jitter, shimmer = _or_zero(step[there]), _or_zero(np.diff(level)[there])
    return _numbers(
        jitter_mean=jitter.mean(),
        jitter_std=jitter.std(),
        jitter=np.abs(jitter).mean(),
        jitter_q10=np.quantile(jitter, 0.1),
        jitter_q90=np.quantile(jitter, 0.9),
        jitter_rising=(jitter > 0).mean(),
        jitter_twice=_or_zero(np.abs(np.diff(step))[twice]).mean(),
        shimmer_std=shimmer.std(),
        shimmer=np.abs(shimmer).mean(),
        shimmer_twice=_or_zero(np.abs(np.diff(level, 2))[twice]).mean(),
    )


def rhythm(found: Contours) -> dict[str, np.ndarray]:
    """How long voiced stretches and pauses are, in frames, and how a clip's thirds differ from all of it."""
    level, voiced = found.table["level"], found.hertz > 0
    n = len(level)
    pauses = runs(level < level.max() - PAUSE)
    peak = (level[1:-1] > level[:-2]) & (level[1:-1] >= level[2:]) & (level[1:-1] > level.mean())
    return _numbers(
        log_frames=np.log(n),
        voiced=voiced.mean(),
        voiced_runs=len(runs(voiced)) / n,
        **_lengths("voiced", runs(voiced)),
        **_lengths("unvoiced", runs(~voiced)),
        **_thirds("level", level, np.full(n, True)),
        **_thirds("pitch", found.voice["pitch"], voiced),
        level_peaks=peak.sum() / n,
        paused=pauses.sum() / n,
        pause_mean=_or_zero(pauses).mean(),
        pause_longest=_or_zero(pauses).max(),
        pauses=len(pauses) / n,
    )


def correlations(found: Contours) -> Block:
    """Of 18 contours and their slopes, each with each."""
    x = smooth(_melody_and_timbre(found))
    x = np.hstack([x, 3 * delta(x)])
    x = x - x.mean(axis=0)
    covariance = x.T @ x / len(x)
    std = np.sqrt(np.diag(covariance) + 1e-6)
    upper = np.triu_indices(len(std), 1)
    own = [*(f"mfcc{k}" for k in range(contours.CEPSTRA)), "periodicity", "flux", "pitch"]
    pairs = combinations([*own, *(f"{name}'" for name in own)], 2)
    columns = tuple(f"{one} and {other}" for one, other in pairs)
    return Block(columns, {"correlation": (covariance / np.outer(std, std))[upper]})


def modulation(found: Contours) -> Block:
    """How much of each contour goes up and down how fast: log power in windows of 640 ms, and its share."""
    mel = found.mel[:, :52].reshape(len(found.mel), 13, 4).mean(axis=2)
    x = np.column_stack([mel, smooth(_melody_and_timbre(found))[:, [0, 1, 17]]])
    x = np.pad(x, ((0, max(0, WINDOW - len(x))), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(x, WINDOW, axis=0)[::STEP]  # (windows, 16, WINDOW)
    windows = (windows - windows.mean(axis=2, keepdims=True)) * np.hanning(WINDOW)
    power = np.abs(np.fft.rfft(windows, axis=2)) ** 2
    energy = np.array([power[:, :, a:b].sum(axis=2).mean(axis=0) for a, b in RATES]) + 1e-3  # (rates, 16)
    whole = np.log(power[:, :, RATES[0][0] : RATES[-1][1]].sum(axis=2) + 1e-3)  # (windows, 16)
    log = np.log(energy)
    share = log - np.log(energy.sum(axis=0))
    hertz = [f"{100 * a / WINDOW:.0f} Hz" for a, _ in RATES]
    columns = (*(f"4 bands from {4 * k + 1}" for k in range(13)), "mfcc0", "mfcc1", "pitch")
    return Block(
        columns,
        {
            **{f"modulation from {f}": row for f, row in zip(hertz, log, strict=True)},
            **{f"share of modulation from {f}": row for f, row in zip(hertz, share, strict=True)},
            "modulation std": whole.std(axis=0),
            "modulation max": whole.max(axis=0),
        },
    )


def runs(flags: np.ndarray) -> np.ndarray:
    """How long each stretch of true values is."""
    edges = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    return edges[1::2] - edges[::2]


def _melody_and_timbre(found: Contours) -> np.ndarray:
    """(frames, 18): cepstra, periodicity, flux, and pitch, 0 where unvoiced."""
    pitch = np.where(found.hertz > 0, found.voice["pitch"], 0)
    periodicity, flux = (10 * found.table[name] for name in ("periodicity", "flux"))
    return np.column_stack([found.cepstra, periodicity, flux, pitch])


def _quantiles(x: np.ndarray) -> np.ndarray:
    """(QUANTILES, n); np.quantile is several times slower."""
    ordered = np.sort(x, axis=0)
    place = np.array(list(QUANTILES.values())) * (len(x) - 1)
    low = place.astype(int)
    weight = (place - low).astype(x.dtype)[:, None]
    return (1 - weight) * ordered[low] + weight * ordered[np.minimum(low + 1, len(x) - 1)]


def _some(values: dict[str, np.ndarray], wanted: str) -> dict[str, np.ndarray]:
    return {name: values[name] for name in wanted.split()}


def _lengths(name: str, stretches: np.ndarray) -> dict[str, float]:
    x = _or_zero(stretches)
    return {f"{name}_mean": x.mean(), f"{name}_std": x.std(), f"{name}_longest": x.max()}


def _thirds(name: str, x: np.ndarray, there: np.ndarray) -> dict[str, float]:
    """By how much the mean of `x` (frames,) over frames that are there differs in each third of a clip."""
    third, mean = np.arange(len(x)) * 3 // len(x), _or_zero(x[there]).mean()
    return {f"{name}_third{k + 1}": _or_zero(x[there & (third == k)] - mean).mean() for k in range(3)}


def _or_zero(x: np.ndarray) -> np.ndarray:
    """One zero where there is nothing to take a statistic of."""
    return x if len(x) else np.zeros(1)


def _numbers(**values: float) -> dict[str, np.ndarray]:
    return {name: np.array([value]) for name, value in values.items()}


def _speeds(text: str) -> list[float]:
    try:
        speeds = [float(speed) for speed in text.split()]
    except ValueError:
        speeds = []
    if not speeds or not all(0.5 <= speed <= 2 for speed in speeds):
        raise PluginError(f"functionals: speeds={text!r}: give numbers from 0.5 to 2, such as '1 0.8 1.25'.")
    return speeds


def macs(samples: int, *, speeds: str) -> float:
    """Two FFTs a frame, the mel filters, the cosine transform, and what functionals multiply by time."""
    return sum(_macs(samples, contours.analysis(speed)) for speed in _speeds(speeds))


def _macs(samples: int, how: Analysis) -> float:
    n_bands, n_cepstra = contours.BANDS, contours.CEPSTRA
    shape = len(how.hertz) * 2 + n_bands * (2 + n_cepstra)  # centroid, spread; two slopes, cepstra
    slopes = spectrum.DELTA * (n_bands + CONTOURS + MELODY)
    trends = 3 * 3 * CONTOURS  # trend, curvature and centre of contours, of their slopes, and where voiced
    pairs = (2 * MELODY) ** 2
    rates = MODULATED * spectrum.real_fft(WINDOW) / STEP
    frame = (
        2 * spectrum.real_fft(how.n_fft) + len(how.hertz) * n_bands + shape + slopes + trends + pairs + rates
    )
    return (1 + samples // how.hop) * frame


FRONT_END = FrontEnd(
    name="functionals",
    make=make,
    options={"speeds": "1"},
    alone=(
        "benchmark.features.spectrum",
        "benchmark.features.f0",
        "benchmark.features.contours",
        "benchmark.features.front_ends.functionals",
    ),
    libraries=("librosa", "scipy"),  # librosa's since it computed a part once: caches are named by these
    fixed=lambda speeds: len(_speeds(speeds)),
    macs=macs,
)
