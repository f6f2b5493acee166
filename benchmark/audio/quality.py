"""What is wrong with a recording, whoever made it: silent, too quiet, clipped, band-limited.

The limits were chosen on 750 clips of five corpora, as they are, clipped, and at a telephone's 8 kHz.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from benchmark.audio import level
from benchmark.audio.reader import RATE

QUIET = -50.0  # dB of full scale, of the loud frames; two clips in a hundred of RAVDESS, none of others
FRAME = 400  # samples, 25 ms
FULL, CLIPPED = 0.99, 1e-3  # of full scale; share of samples there. EMO-DB, never clipped, has 0.0002
NARROW = 5000.0  # Hz: a telephone's end at 4.6 kHz or below; all clips reach 6.1 kHz
FLOOR = 60.0  # dB below the strongest frequency, where a spectrum ends


def doubts(sound: np.ndarray) -> Iterator[str]:
    """In words, of (samples,) float32, 16 kHz; of silence nothing else."""
    if level.silent(sound):
        yield "silent"
        return
    if (loud := loudness(sound)) < QUIET:
        yield f"very quiet ({loud:.0f} dB of full scale)"
    if (share := np.mean(np.abs(sound) >= FULL)) >= CLIPPED:
        yield f"clipped: {100 * share:.1f} % of it is at full scale"
    if (end := bandwidth(sound)) < NARROW:
        yield f"nothing above {end / 1000:.1f} kHz, as by telephone"


def loudness(sound: np.ndarray) -> float:
    """The root mean square of its loud frames (95th percentile), in dB of full scale."""
    frames = np.pad(sound, (0, -len(sound) % FRAME)).reshape(-1, FRAME)
    loud = np.percentile(np.square(frames, dtype=np.float64).mean(axis=1), 95)
    return float(10 * np.log10(loud + np.finfo(float).tiny))


def bandwidth(sound: np.ndarray) -> float:
    """The highest frequency whose power is at most FLOOR below the strongest one's, in Hz (Welch 1967)."""
    from scipy import signal  # which takes long to import

    frequencies, power = signal.welch(sound, RATE, nperseg=min(512, len(sound)))
    return float(frequencies[power >= power.max() * 10 ** (-FLOOR / 10)].max())
