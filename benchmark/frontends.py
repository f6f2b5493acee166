"""Front ends: 16 kHz mono audio in, (frames, channels) out, each a pure function of the clip by itself.

Mel filters and cepstra follow Slaney's Auditory Toolbox (1998) as librosa does, with zeros at both ends,
so that torchaudio's numbers and librosa's agree to 1e-4.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmark.audio import RATE
from protocols.contract import Features
from protocols.errors import PluginError

VERSION = 1  # a new one whenever any front end's numbers change

FrontEnd = Callable[[np.ndarray], np.ndarray]

STFT = {"n_fft": 512, "hop": 160, "n_mels": 64}  # 32 ms windows every 10 ms
DEFAULTS: dict[str, dict[str, Any]] = {
    "mfcc": {**STFT, "n_mfcc": 20, "deltas": 0},
    "log-mel": STFT,
    "egemaps": {},
    "wave": {},
}
FUNCTIONALS = ("mean", "std", "min", "max")
LIBRARIES = {
    "mfcc": ("torch", "torchaudio"),
    "log-mel": ("torch", "torchaudio"),
    "egemaps": ("opensmile",),
    "wave": (),
}


def resolved(features: Features) -> dict[str, Any]:
    """The front end with every option spelt out; PluginError where one is unknown."""
    if features.front_end not in DEFAULTS:
        raise PluginError(f"there is no front end {features.front_end!r}; known: {', '.join(DEFAULTS)}.")
    known = DEFAULTS[features.front_end]
    if unknown := sorted(set(features.options) - set(known)):
        options = ", ".join(known) or "none"
        raise PluginError(f"{features.front_end} has no option {unknown[0]!r}; its options: {options}.")
    if strange := sorted(set(features.functionals) - set(FUNCTIONALS)):
        raise PluginError(f"there is no functional {strange[0]!r}; known: {', '.join(FUNCTIONALS)}.")
    return {
        "front_end": features.front_end,
        "options": {**known, **features.options},
        "functionals": list(features.functionals),
    }


def identity(features: Features) -> dict[str, Any]:
    """Everything that decides a front end's numbers, for the cache: options, our version, the libraries'."""
    libraries = {name: version(name) for name in ("soxr", *LIBRARIES[features.front_end])}
    return {**resolved(features), "version": VERSION, "libraries": libraries}


def frames(features: Features, seconds: float) -> int:
    """How many frames so many seconds of audio become."""
    if features.functionals or features.front_end == "egemaps":
        return 1
    samples = round(seconds * RATE)
    return samples if features.front_end == "wave" else 1 + samples // resolved(features)["options"]["hop"]


def compute(features: Features, wave: np.ndarray) -> np.ndarray:
    """Audio (samples,) -> (frames, channels) float32, finite."""
    spec = resolved(features)
    out = _front_end(spec["front_end"], tuple(sorted(spec["options"].items())))(wave)
    if features.functionals:
        out = np.concatenate([getattr(np, name)(out, axis=0) for name in features.functionals])[None]
    if not np.isfinite(out).all():
        # openSMILE has no answer to some functionals of very short clips.
        warnings.warn(f"{features.front_end}: a value is not finite and counts as 0", stacklevel=2)
        out = np.nan_to_num(out, nan=0.0, posinf=0.0, neginf=0.0)
    return np.ascontiguousarray(out, dtype=np.float32)


@cache
def _front_end(name: str, options: tuple[tuple[str, Any], ...]) -> FrontEnd:
    makers: dict[str, Callable[..., FrontEnd]] = {
        "mfcc": _mfcc,
        "log-mel": _log_mel,
        "egemaps": _egemaps,
        "wave": _wave,
    }
    return makers[name](**dict(options))


def _mel_options(n_fft: int, hop: int, n_mels: int) -> dict[str, Any]:
    return {
        "n_fft": n_fft,
        "hop_length": hop,
        "n_mels": n_mels,
        "norm": "slaney",
        "mel_scale": "slaney",
        "pad_mode": "constant",
    }


def _mfcc(n_fft: int, hop: int, n_mels: int, n_mfcc: int, deltas: int) -> FrontEnd:
    import torch

    from benchmark.torchaudio import functional, transforms

    mfcc = transforms.MFCC(RATE, n_mfcc, melkwargs=_mel_options(n_fft, hop, n_mels))

    def front_end(wave: np.ndarray) -> np.ndarray:
        stack = [mfcc(torch.from_numpy(wave))]  # (n_mfcc, frames)
        for _ in range(deltas):
            stack.append(functional.compute_deltas(stack[-1]))
        return torch.cat(stack).T.numpy()

    return front_end


def _log_mel(n_fft: int, hop: int, n_mels: int) -> FrontEnd:
    import torch

    from benchmark.torchaudio import transforms

    mel = transforms.MelSpectrogram(RATE, **_mel_options(n_fft, hop, n_mels))
    decibel = transforms.AmplitudeToDB("power", top_db=80)

    def front_end(wave: np.ndarray) -> np.ndarray:
        return decibel(mel(torch.from_numpy(wave))).T.numpy()  # (frames, n_mels)

    return front_end


def _egemaps() -> FrontEnd:
    """eGeMAPS v02: 88 functionals (Eyben et al., IEEE Trans. Affective Computing 7(2), 2016)."""
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)

    def front_end(wave: np.ndarray) -> np.ndarray:
        return smile.process_signal(wave, RATE).to_numpy()  # (1, 88)

    return front_end


def _wave() -> FrontEnd:
    return lambda wave: wave[:, None]  # (samples, 1)
