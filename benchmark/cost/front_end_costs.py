"""What a front end costs for one clip: multiply-adds by formula, since most of it is not PyTorch's.

By the same policy as a network's (see `operations`): matrix products and FFTs count, what is done to each
number by itself does not, nor do functionals over time. A frozen encoder is a network and is counted as one.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numpy as np

from benchmark.audio.reader import RATE
from benchmark.cost.operations import real_fft
from benchmark.features import encoders, front_ends
from protocols.contract import Features

DELTA = 5  # frames that a delta weighs
# soxr's HQ filter (20 bits; passes 0.913 of the band) by Kaiser's estimate of its length (J. F. Kaiser:
# Nonrecursive digital filter design using the I0-sinh window function. ISCAS 1974).
TAPS = math.ceil((20 * math.log10(2**21) - 8) / (2.285 * math.pi * (1 - 0.913)))


def macs(features: Features, wave: np.ndarray) -> int | None:
    """Of the front end for one clip of audio (samples,); None where it is not counted, as in openSMILE."""
    spec = front_ends.resolved(features)
    if encoder := front_ends.encoder_of(features):
        return encoder_macs(encoder, len(wave))
    counted: dict[str, Callable[..., float]] = {
        "mfcc": _mfcc,
        "log-mel": _log_mel,
        "zcr-mfcc": _zcr_mfcc,
        "wave": _wave,
    }
    if spec["front_end"] not in counted:
        return None
    return math.ceil(counted[spec["front_end"]](len(wave), **spec["options"]))


@functools.cache
def encoder_macs(encoder: str, samples: int) -> int:
    """Of a frozen encoder, which costs the same whatever its weights.

    The large ones take long to trace at full length: fvcore and PyTorch's counter both count half a second
    of audio, and where they agree there, PyTorch's counts whatever is longer, on the meta device.
    """
    from benchmark.cost import count

    if samples <= RATE // 2 or encoder == encoders.SPEAKER:
        return count.total(count.count(encoders.without_weights(encoder, samples)))
    encoder_macs(encoder, RATE // 2)  # PluginError where the counters disagree
    return count.second_opinion(encoders.without_weights(encoder, samples, device="meta"))


def heard(features: Features, seconds: float) -> float:
    """Seconds of so long a clip that reach the model, by the length policy."""
    if features.front_end == "zcr-mfcc":
        return min(max(seconds - 0.6, 0.0), 2.5)
    limits = [features.seconds, front_ends.resolved(features)["options"].get("seconds")]
    return min([seconds, *(limit for limit in limits if limit)])


def _wave(samples: int) -> float:  # noqa: ARG001
    return 0


def _mel(samples: int, n_fft: int, hop: int, n_mels: int) -> tuple[int, float]:
    """Frames, and multiply-adds of all their FFTs and Mel filters."""
    frames = 1 + samples // hop
    return frames, frames * (real_fft(n_fft) + (n_fft // 2 + 1) * n_mels)


def _log_mel(samples: int, n_fft: int, hop: int, n_mels: int, seconds: float = 0.0, **_: object) -> float:
    """With `seconds` every clip is as long; resizing is interpolation, which counts nothing."""
    return _mel(round(seconds * RATE) or samples, n_fft, hop, n_mels)[1]


def _mfcc(samples: int, n_fft: int, hop: int, n_mels: int, n_mfcc: int, deltas: int) -> float:
    frames, mel = _mel(samples, n_fft, hop, n_mels)
    return mel + frames * n_mfcc * (n_mels + deltas * DELTA)


def _zcr_mfcc(samples: int) -> float:
    """Resampled to 22.05 kHz, then librosa's MFCCs of 128 Mel bands; crossings of zero are comparisons."""
    out = round(heard(Features(front_end="zcr-mfcc"), samples / RATE) * 22_050)
    return out * TAPS + _mfcc(out, n_fft=2048, hop=512, n_mels=128, n_mfcc=20, deltas=0)
