"""Made-up voices whose pitch, level and changes are known."""

import numpy as np

RATE = 16_000


def seconds(length: float) -> np.ndarray:
    """The time of each sample, (samples,)."""
    return np.arange(round(length * RATE)) / RATE


def voice(hertz: float | np.ndarray, length: float = 2.0, *, decibel: float | np.ndarray = 0.0) -> np.ndarray:
    """Harmonics that fall as a voice's do, (samples,); pitch and level: a number, or one for each sample."""
    n = len(seconds(length))
    pitch = np.broadcast_to(hertz, n)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    harmonics = [np.where(k * pitch < RATE / 2, np.sin(k * phase) / k, 0) for k in range(1, 40)]
    return (0.1 * 10 ** (np.asarray(decibel) / 20) * np.sum(harmonics, axis=0)).astype(np.float32)


def noise(length: float = 2.0) -> np.ndarray:
    """White noise, (samples,)."""
    return (0.1 * np.random.default_rng(0).normal(size=len(seconds(length)))).astype(np.float32)
