"""Front ends: 16 kHz mono audio in, (frames, channels) out, each a pure function of the clip by itself.

Every module of this package declares one, as `FRONT_END`: to add a front end is to add a file here. What the
engine asks of one is answered by the functions below, from its declaration.
"""

from __future__ import annotations

import importlib
import math
import pkgutil
import warnings
from functools import cache
from importlib import metadata
from typing import Any

import numpy as np

from benchmark.audio.reader import RATE
from benchmark.features import encoders
from benchmark.features.encoders import Encoder
from benchmark.features.front_end import Compute, FrontEnd
from protocols.contract import Features
from protocols.errors import PluginError

version = cache(metadata.version)  # each call would read a file
FUNCTIONALS = ("mean", "std", "min", "max")


@cache
def registry() -> dict[str, FrontEnd]:
    """All front ends, by name: what the modules of this package declare."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__, f"{__name__}."))
    declared: list[FrontEnd] = [importlib.import_module(name).FRONT_END for name in names]
    return {front_end.name: front_end for front_end in declared}


def declaration(features: Features) -> FrontEnd:
    """What this front end declares; PluginError where there is none of the name."""
    if features.front_end not in registry():
        raise PluginError(f"there is no front end {features.front_end!r}; known: {', '.join(registry())}.")
    return registry()[features.front_end]


def resolved(features: Features) -> dict[str, Any]:
    """The front end with every option spelt out; PluginError where one is unknown or has no effect."""
    declared = declaration(features)
    known, later = declared.options, declared.later
    if unknown := sorted(set(features.options) - set(known) - set(later)):
        options = ", ".join([*known, *later]) or "none"
        raise PluginError(f"{features.front_end} has no option {unknown[0]!r}; its options: {options}.")
    if strange := sorted(set(features.functionals) - set(FUNCTIONALS)):
        raise PluginError(f"there is no functional {strange[0]!r}; known: {', '.join(FUNCTIONALS)}.")
    if features.seconds is not None and (count := fixed(features)):
        raise PluginError(
            f"{features.front_end}: `seconds={features.seconds}` has no effect, since every clip becomes "
            f"{count} frame{'s' * (count > 1)}, however long it is. Leave it out."
        )
    if features.level == "removed" and (features.functionals or not declared.without_level):
        what = "functionals of it have" if features.functionals else "it has"
        raise PluginError(f'{features.front_end}: {what} no level that could be removed; say level="kept".')
    changed = {name: value for name, value in features.options.items() if later.get(name) != value}
    return {
        "front_end": features.front_end,
        "options": {**known, **changed},
        "functionals": list(features.functionals),
    }


def identity(features: Features) -> dict[str, Any]:
    """Everything that decides a front end's numbers, for the cache: options, our version, the libraries'."""
    declared = declaration(features)
    libraries = {name: version(name) for name in ("soxr", *declared.libraries)}
    known = {**resolved(features), "version": declared.version, "libraries": libraries}
    if encoder := encoder_of(features):
        known["encoder"] = encoders.identity(encoder)
    return known


def encoder_of(features: Features) -> Encoder | None:
    """The frozen network that this front end is."""
    make = declaration(features).encoder
    return make(**options(features)) if make else None


def trained(features: Features) -> Encoder | None:
    """The network that is trained along with a model that has this front end."""
    make = declaration(features).trained
    return make(**options(features)) if make else None


def fixed(features: Features) -> int:
    """How many frames every clip becomes, or 0 where that depends on its length."""
    return 1 if features.functionals else declaration(features).fixed(**options(features))


def frames(features: Features, seconds: float) -> int:
    """How many frames so many seconds of audio become."""
    samples = round(seconds * RATE)
    return fixed(features) or declaration(features).frames(samples, **options(features))


def limit(features: Features) -> int | None:
    """How many frames a clip has at most, and after padding exactly, by the length policy; None = any."""
    return None if features.seconds is None else frames(features, features.seconds)


def hop(features: Features) -> int | None:
    """Samples from one frame to the next; None where every clip has the same number of frames."""
    return None if fixed(features) else declaration(features).hop(**options(features))


def used(features: Features, seconds: float) -> float:
    """Of so many seconds of a clip, how many decide what the model is given."""
    own = declaration(features).used(seconds, **options(features))
    return min(own, features.seconds or math.inf)


def macs(features: Features, samples: int) -> int | None:
    """MACs for one clip of so many samples, by formula; None where the front end has none."""
    formula = declaration(features).macs
    return math.ceil(formula(samples, **options(features))) if formula else None


def compute(features: Features, wave: np.ndarray) -> np.ndarray:
    """Audio (samples,) -> (frames, channels) float32, finite."""
    resolved(features)  # refuses what is unknown
    out = _made(features.front_end, tuple(sorted(options(features).items())))(wave)
    if features.functionals:
        out = np.concatenate([getattr(np, name)(out, axis=0) for name in features.functionals])[None]
    if not np.isfinite(out).all():
        # openSMILE has no answer to some functionals of very short clips.
        warnings.warn(f"{features.front_end}: a value is not finite and counts as 0", stacklevel=2)
        out = np.nan_to_num(out, nan=0.0, posinf=0.0, neginf=0.0)
    return np.ascontiguousarray(out, dtype=np.float32)


def given(features: Features, clip: np.ndarray) -> np.ndarray:
    """A clip as `compute` made it -> as a model is given it, both (frames, channels) float32.

    Rounded to what 16 bits can hold where the front end allows that, so that whoever trains sees the same
    numbers, also where they had to be carried in half the room; then without its level, if so declared.
    FloatingPointError where a number is too large for 16 bits.
    """
    declared = declaration(features)
    if declared.half:
        with np.errstate(over="raise"):
            clip = clip.astype(np.float16).astype(np.float32)
    if features.level == "removed" and declared.without_level:
        clip = declared.without_level(clip)
    return clip


@cache
def _made(name: str, options: tuple[tuple[str, Any], ...]) -> Compute:
    return registry()[name].make(**dict(options))


def options(features: Features) -> dict[str, Any]:
    """All options, with what they are here."""
    declared = declaration(features)
    return {**declared.options, **declared.later, **features.options}
