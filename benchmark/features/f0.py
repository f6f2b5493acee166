"""Fundamental frequency by autocorrelation: each frame's candidates, then the best path through all frames.

After P. Boersma: Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio
of a sampled sound. Proceedings of the Institute of Phonetic Sciences 17, Amsterdam 1993. As there, the
autocorrelation of a windowed frame is divided by the window's own, each peak of it is a candidate, and the
path pays for each octave that it jumps and each time that it takes up voicing or drops it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy import fft

LOWEST, HIGHEST = 62, 550  # Hz
CANDIDATES = 5  # of a frame, besides "unvoiced"
FAINTEST = 0.25  # correlation that a candidate has at least
OCTAVE = 0.01  # by so much an octave higher is favoured: a period twice as long correlates as well
UNVOICED = 0.45  # correlation that a voiced path has to exceed, and in silence by SILENT more
QUIET, SILENT = 30, 1.0  # from so many dB below the loudest frame on, fully after as many again
JUMP, SWITCH = 0.35, 0.14  # what the path pays: for an octave, and from voiced to unvoiced or back
NONE = -5.0  # strength of a candidate that there is not


class Melody(NamedTuple):
    """What the frames (n,) of a clip say of its pitch."""

    hertz: np.ndarray  # 0 where unvoiced
    periodicity: np.ndarray  # the frame's highest correlation with itself a period later, 0 to 1


def melody(power: np.ndarray, window: np.ndarray, n_fft: int, rate: float) -> Melody:
    """Of the power spectra (n, bins) of n frames under this window, by FFTs of n_fft samples.

    The window and the longest period fit into n_fft; bins that are left out at the top count as empty.
    """
    lags = np.arange(int(rate // HIGHEST), int(rate // LOWEST) + 1)
    near = slice(lags[0] - 1, lags[-1] + 2)  # with a neighbour at either end
    own = fft.irfft(np.abs(fft.rfft(window, n_fft)) ** 2, n_fft)
    correlation = fft.irfft(power, n_fft, axis=1)
    energy = np.maximum(correlation[:, :1], 1e-9)
    r = correlation[:, near] / energy / (own[near] / own[0])  # (n, lags + 2)
    middle = r[:, 1:-1]
    peak = (middle > r[:, :-2]) & (middle >= r[:, 2:]) & (middle > FAINTEST)
    favour = (OCTAVE * np.log2(lags[-1] / lags)).astype(r.dtype)
    best = np.argpartition(-(middle + favour) * peak, CANDIDATES, axis=1)[:, :CANDIDATES]
    offset, height = _top(*(np.take_along_axis(r, best + k, axis=1) for k in range(3)))
    hertz = rate / (lags[best] + offset)
    there = np.take_along_axis(peak, best, axis=1)
    strength = np.where(there, height + OCTAVE * np.log2(hertz / LOWEST), NONE)  # (n, CANDIDATES)
    path = _path(np.log2(hertz), strength, _unvoiced(energy[:, 0]))
    voiced = path < CANDIDATES
    chosen = hertz[np.arange(len(path)), np.where(voiced, path, 0)]
    return Melody(np.where(voiced, chosen, 0.0), (middle * peak).max(axis=1).clip(0, 1))


def _top(before: np.ndarray, at: np.ndarray, after: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The top of the parabola through three values: where, -0.5 to 0.5 beside the middle, and how high."""
    bend = np.minimum(before - 2 * at + after, -1e-6)
    offset = np.clip((before - after) / (2 * bend), -0.5, 0.5)
    return offset, at - (before - after) * offset / 4


def _unvoiced(energy: np.ndarray) -> np.ndarray:
    """How strong "unvoiced" is in each frame (n,)."""
    below = -10 * np.log10(energy / energy.max())  # dB
    return UNVOICED + SILENT * np.clip((below - QUIET) / QUIET, 0, 1)


def _path(octaves: np.ndarray, strength: np.ndarray, unvoiced: np.ndarray) -> np.ndarray:
    """Candidate of each frame (n,) on the strongest path; the last one, CANDIDATES, is "unvoiced".

    `octaves` and `strength` (n, CANDIDATES), by Viterbi's algorithm.
    """
    n, k = strength.shape
    local = np.column_stack([strength, unvoiced])  # (n, k + 1)
    cost = np.full((n - 1, k + 1, k + 1), SWITCH)  # from a candidate to one of the next frame
    cost[:, :k, :k] = JUMP * np.abs(octaves[:-1, :, None] - octaves[1:, None, :])
    cost[:, k, k] = 0
    totals = local.copy()  # of the best path to each candidate
    for frame in range(1, n):
        totals[frame] += np.maximum.reduce(totals[frame - 1][:, None] - cost[frame - 1])
    came = (totals[:-1, :, None] - cost).argmax(axis=1)  # (n - 1, k + 1): the candidate before
    path = np.full(n, totals[-1].argmax())
    for frame in range(n - 1, 0, -1):
        path[frame - 1] = came[frame - 1, path[frame]]
    return path
