"""Front ends: 16 kHz mono audio in, (frames, channels) out, each a pure function of the clip by itself.

Mel filters and cepstra follow Slaney's Auditory Toolbox (1998) as librosa does, with zeros at both ends,
so that torchaudio's numbers and librosa's agree to 1e-4.

log-mel's further options: `window` is the length of the STFT's window in samples (0 = n_fft), Hann's, or with
`hamming` Hamming's. With `seconds` the wave is cropped to its middle or padded with zeros at its end to so
many; with `resize` the frames are resized along time to so many (bilinear, antialiased). 0 turns them off.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np
import soxr

from benchmark.audio import torchaudio_stub
from benchmark.audio.reader import RATE
from benchmark.features import encoders
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
    "zcr-mfcc": {},
    "compare": {},
    "ssl": {"bundle": "WAV2VEC2_BASE"},
    "speaker": {},
}
# Options that came later: spelt out only where they differ from this, so that older records keep their key.
NEUTRAL: dict[str, dict[str, Any]] = {
    "log-mel": {"window": 0, "hamming": False, "seconds": 0.0, "resize": 0},
}
FUNCTIONALS = ("mean", "std", "min", "max")
LIBRARIES = {
    "mfcc": ("torch", "torchaudio"),
    "log-mel": ("torch", "torchaudio"),
    "egemaps": ("opensmile",),
    "wave": (),
    "zcr-mfcc": ("librosa",),
    "compare": ("opensmile",),
    "ssl": ("torch", "torchaudio"),
    "speaker": ("torch", "torchaudio"),
}


def resolved(features: Features) -> dict[str, Any]:
    """The front end with every option spelt out; PluginError where one is unknown or has no effect."""
    if features.front_end not in DEFAULTS:
        raise PluginError(f"there is no front end {features.front_end!r}; known: {', '.join(DEFAULTS)}.")
    known, neutral = DEFAULTS[features.front_end], NEUTRAL.get(features.front_end, {})
    if unknown := sorted(set(features.options) - set(known) - set(neutral)):
        options = ", ".join([*known, *neutral]) or "none"
        raise PluginError(f"{features.front_end} has no option {unknown[0]!r}; its options: {options}.")
    if strange := sorted(set(features.functionals) - set(FUNCTIONALS)):
        raise PluginError(f"there is no functional {strange[0]!r}; known: {', '.join(FUNCTIONALS)}.")
    if features.seconds is not None and (fixed := _fixed(features)):
        raise PluginError(
            f"{features.front_end}: `seconds={features.seconds}` has no effect, since every clip becomes "
            f"{fixed} frame{'s' * (fixed > 1)}, however long it is. Leave it out."
        )
    changed = {name: value for name, value in features.options.items() if neutral.get(name) != value}
    return {
        "front_end": features.front_end,
        "options": {**known, **changed},
        "functionals": list(features.functionals),
    }


def identity(features: Features) -> dict[str, Any]:
    """Everything that decides a front end's numbers, for the cache: options, our version, the libraries'."""
    libraries = {name: version(name) for name in ("soxr", *LIBRARIES[features.front_end])}
    told = {**resolved(features), "version": VERSION, "libraries": libraries}
    if encoder := encoder_of(features):
        told["encoder"] = encoders.identity(encoder)
    return told


def encoder_of(features: Features) -> str:
    """The frozen network that this front end is (see `benchmark.features.encoders`), or ""."""
    if features.front_end == "ssl":
        return str({**DEFAULTS["ssl"], **features.options}["bundle"])
    return features.front_end if features.front_end == "speaker" else ""


def frames(features: Features, seconds: float) -> int:
    """How many frames so many seconds of audio become."""
    samples = round(seconds * RATE)
    if fixed := _fixed(features):
        return fixed
    return samples if features.front_end == "wave" else 1 + samples // resolved(features)["options"]["hop"]


def limit(features: Features) -> int | None:
    """How many frames a clip has at most, and after padding exactly, by the length policy; None = any."""
    return None if features.seconds is None else frames(features, features.seconds)


def _fixed(features: Features) -> int:
    """How many frames every clip becomes, or 0 where that depends on its length."""
    if features.functionals or features.front_end in ("egemaps", "compare", "zcr-mfcc"):
        return 1
    if encoder := encoder_of(features):
        return encoders.frames(encoder)
    if features.front_end != "log-mel":
        return 0
    options = {**DEFAULTS["log-mel"], **NEUTRAL["log-mel"], **features.options}
    if options["seconds"] and not options["resize"]:
        return 1 + round(options["seconds"] * RATE) // int(options["hop"])
    return int(options["resize"])


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
        "compare": _compare,
        "wave": _wave,
        "zcr-mfcc": _zcr_mfcc,
        "ssl": lambda bundle: encoders.front_end(bundle),
        "speaker": lambda: encoders.front_end("speaker"),
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

    torchaudio_stub.install()
    from torchaudio import functional, transforms

    mfcc = transforms.MFCC(RATE, n_mfcc, melkwargs=_mel_options(n_fft, hop, n_mels))

    def front_end(wave: np.ndarray) -> np.ndarray:
        stack = [mfcc(torch.from_numpy(wave))]  # (n_mfcc, frames)
        for _ in range(deltas):
            stack.append(functional.compute_deltas(stack[-1]))
        return torch.cat(stack).T.numpy()

    return front_end


def _log_mel(
    n_fft: int,
    hop: int,
    n_mels: int,
    window: int = 0,
    hamming: bool = False,
    seconds: float = 0.0,
    resize: int = 0,
) -> FrontEnd:
    import torch

    torchaudio_stub.install()
    from torchaudio import transforms

    mel = transforms.MelSpectrogram(
        RATE,
        win_length=window or n_fft,
        window_fn=torch.hamming_window if hamming else torch.hann_window,
        **_mel_options(n_fft, hop, n_mels),
    )
    decibel = transforms.AmplitudeToDB("power", top_db=80)

    def front_end(wave: np.ndarray) -> np.ndarray:
        wave = _fit(wave, round(seconds * RATE)) if seconds else wave
        image = decibel(mel(torch.from_numpy(wave)))  # (n_mels, frames)
        if resize:
            image = torch.nn.functional.interpolate(
                image[None, None], size=(n_mels, resize), mode="bilinear", antialias=True
            )[0, 0]
        return image.T.numpy()  # (frames, n_mels)

    return front_end


def _fit(wave: np.ndarray, samples: int) -> np.ndarray:
    """Cropped to its middle, or padded with zeros at its end: (samples,)."""
    first = max(len(wave) - samples, 0) // 2
    wave = wave[first : first + samples]
    return np.pad(wave, (0, samples - len(wave)))


def _zcr_mfcc() -> FrontEnd:
    """108 zero-crossing rates, then 108 x 20 MFCCs frame by frame, as one frame of 2268 channels.

    What the public code of Lee & Nadeem (arXiv 2507.03251) computes with librosa from at most 2.5 s of a
    clip, 0.6 s after its start, at 22.05 kHz; zeros where the clip ends sooner. Our audio has 16 kHz and is
    resampled up, so nothing lies above 8 kHz: the mel filters from there to 11 kHz see next to nothing.
    """
    import librosa

    rate, n_fft, hop, frames, n_mfcc = 22_050, 2048, 512, 108, 20

    def front_end(wave: np.ndarray) -> np.ndarray:
        rates, cepstra = np.zeros(frames, np.float32), np.zeros((frames, n_mfcc), np.float32)
        heard = wave[round(0.6 * RATE) : round(3.1 * RATE)]
        sound = soxr.resample(heard, RATE, rate, quality="HQ") if len(heard) else heard
        if len(sound):
            found = librosa.feature.zero_crossing_rate(sound, frame_length=n_fft, hop_length=hop)[0]
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "n_fft=", UserWarning)  # longer than the clip: zeros do
                mfcc = librosa.feature.mfcc(y=sound, sr=rate, n_mfcc=n_mfcc, n_fft=n_fft, hop_length=hop)
            rates[: len(found)], cepstra[: mfcc.shape[1]] = found, mfcc.T
        return np.concatenate([rates, cepstra.ravel()])[None]  # (1, 2268)

    return front_end


def _egemaps() -> FrontEnd:
    """eGeMAPS v02: 88 functionals (Eyben et al., IEEE Trans. Affective Computing 7(2), 2016)."""
    return _opensmile("eGeMAPSv02")


def _compare() -> FrontEnd:
    """ComParE 2016: 6373 functionals (Schuller et al., Interspeech 2016)."""
    return _opensmile("ComParE_2016")


def _opensmile(name: str) -> FrontEnd:
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet[name], opensmile.FeatureLevel.Functionals)

    def front_end(wave: np.ndarray) -> np.ndarray:
        return smile.process_signal(wave, RATE).to_numpy()  # (1, functionals)

    return front_end


def _wave() -> FrontEnd:
    return lambda wave: wave[:, None]  # (samples, 1)
