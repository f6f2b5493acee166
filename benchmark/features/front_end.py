"""What a front end declares: everything that the engine asks of one, in one place.

The functions below take all of the front end's options by keyword.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from benchmark.features.encoders import Encoder

Compute = Callable[[np.ndarray], np.ndarray]  # (samples,) float32, mono, 16 kHz -> (frames, channels)
Remove = Callable[[np.ndarray], np.ndarray]  # (frames, channels) of a clip -> the same, whatever its level


def centred(samples: int, *, hop: int, **_: Any) -> int:
    """Frames that are centred on every `hop`-th sample, as torchaudio and librosa do it."""
    return 1 + samples // hop


def own_hop(*, hop: int | None = None, **_: Any) -> int | None:
    """The option `hop`; None without one."""
    return hop


def any_length(**_: Any) -> int:
    """0: how many frames a clip becomes depends on its length."""
    return 0


def one(**_: Any) -> int:
    """1: every clip becomes one frame."""
    return 1


def whole(seconds: float, **_: Any) -> float:
    """All of a clip."""
    return seconds


@dataclass(frozen=True, kw_only=True)
class FrontEnd:
    """One front end. A module in `benchmark.features.front_ends` holds one under the name `FRONT_END`."""

    name: str
    make: Callable[..., Compute]  # options -> the function that computes it; what is costly is set up here
    options: Mapping[str, Any] = field(default_factory=dict)  # with their defaults
    # Options that came later, with the values that change nothing: a key names them only where they differ
    # from these, so that older records keep their key.
    later: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1  # a new one whenever its numbers change
    half: bool = False  # whether its scale is fixed by definition, or by the clip, so that 16 bits hold it
    without_level: Remove | None = None  # None: what it gives cannot be freed of the clip's level
    # options: a torch module that ONNX can hold, wave (samples,) -> (frames, channels), with a method
    # `without_level` where the front end has that; None where ONNX lacks parts of it.
    network: Callable[..., Any] | None = None
    # Of one that ONNX lacks: its modules, which need NumPy and SciPy alone; () = others too.
    alone: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()  # whose versions may change its numbers, besides soxr's
    imports: tuple[str, ...] = ()  # modules that it takes long to import
    frames: Callable[..., int] = centred  # (samples, options): frames of a clip, where `fixed` is 0
    fixed: Callable[..., int] = any_length  # options: frames of every clip, however long it is; else 0
    hop: Callable[..., int | None] = own_hop  # options: samples from frame to frame; None where there is none
    used: Callable[..., float] = whole  # (seconds, options): of so long a clip, how much decides the output
    # (samples, options): MACs by formula, since most of it is not PyTorch's; None where not counted.
    # As for a network, matrix products and FFTs count, what is done to each number by itself does not.
    macs: Callable[..., float] | None = None
    encoder: Callable[..., Encoder] | None = None  # options: the frozen network that it is; counted as one
    # options: a network whose input this front end gives. It is trained along, in front of the model's own.
    trained: Callable[..., Encoder] | None = None
