"""What front ends cost for one clip: by their own formulas, and a frozen encoder counted as a network."""

from __future__ import annotations

import functools

from benchmark.audio.reader import RATE
from benchmark.features import encoders, front_ends
from benchmark.features.encoders import Encoder
from benchmark.features.stack import Stack
from protocols.contract import Features


def macs(stack: Stack, samples: int) -> int | None:
    """MACs of all front ends for a clip of so many samples; None where one is not counted."""
    each = [_macs(features, samples) for features in stack]
    return None if None in each else sum(found for found in each if found is not None)


def parameters(stack: Stack) -> int:
    """How many numbers the frozen encoders among these front ends have learnt."""
    found = (front_ends.encoder_of(features) for features in stack)
    return sum(encoders.parameters(encoder) for encoder in found if encoder)


def _macs(features: Features, samples: int) -> int | None:
    encoder = front_ends.encoder_of(features)
    return encoder_macs(encoder, samples) if encoder else front_ends.macs(features, samples)


@functools.cache
def encoder_macs(encoder: Encoder, samples: int) -> int:
    """Of a frozen encoder, which costs the same whatever its weights.

    The large ones take long to trace at full length: fvcore and PyTorch's counter both count half a second
    of audio, and where they agree there, PyTorch's counts whatever is longer, on the meta device.
    """
    from benchmark.cost import count

    if samples <= RATE // 2 or not encoder.meta:
        return count.total(count.count(encoders.without_weights(encoder, samples)))
    encoder_macs(encoder, RATE // 2)  # PluginError where the counters disagree
    return count.second_opinion(encoders.without_weights(encoder, samples, device="meta"))
