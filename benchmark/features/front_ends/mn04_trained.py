"""What mn04 reads of a clip, (frames, 128): mn04 is trained along with the network behind it.

The wave is cropped to its middle or padded with zeros at its end to so many `seconds`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.audio.reader import RATE
from benchmark.features import encoders
from benchmark.features.encoders import Encoder
from benchmark.features.front_end import Compute, FrontEnd, centred
from benchmark.features.front_ends import log_mel, mn04

if TYPE_CHECKING:
    import torch

HOP = mn04.HOP * RATE // mn04.RATE


def nothing() -> torch.nn.Module:
    from torch import nn

    return nn.Identity()


def image(network: Any, seconds: float) -> Callable[[np.ndarray], torch.Tensor]:  # noqa: ARG001
    """(samples,) -> (frames, bands)."""
    return lambda wave: mn04.image(log_mel.fit(wave, round(seconds * RATE))).T


@cache  # the same object, by which its cost is kept
def encoder(seconds: float) -> Encoder:
    """What of it is computed before the training, which needs no weights; they are asked for all the same."""
    return replace(
        mn04.ENCODER,
        name="mn04-trained",
        frames=fixed(seconds),
        build=nothing,
        outputs=lambda network: image(network, seconds),
        read=lambda _: {},
    )


def fixed(seconds: float) -> int:
    return centred(round(seconds * RATE), hop=HOP)


def make(seconds: float) -> Compute:
    return encoders.front_end(encoder(seconds))


FRONT_END = FrontEnd(
    name="mn04-trained",
    make=make,
    half=True,
    options={"seconds": 3.0},
    libraries=("torch", "torchaudio"),
    imports=mn04.FRONT_END.imports,
    fixed=fixed,
    used=lambda given, seconds: min(given, seconds),
    encoder=encoder,
    trained=lambda **_: mn04.ENCODER,
)
