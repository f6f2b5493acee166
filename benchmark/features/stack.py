"""Several front ends of one model: those that share a hop are stacked, their channels side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from benchmark.features import encoders, front_ends
from protocols.contract import Features
from protocols.errors import PluginError
from protocols.protocol import Protocol

Stack = tuple[Features, ...]  # at least one


def check(stack: Stack) -> None:
    """PluginError where these front ends are unknown, or cannot be stacked."""
    if not stack:
        raise PluginError("`features` gives no front end; give one, or several that share a hop.")
    for features in stack:
        front_ends.resolved(features)
    first = stack[0]
    for other in stack[1:]:
        _check_pair(first, other)


def _check_pair(first: Features, other: Features) -> None:
    both = f"{first.front_end} and {other.front_end}"
    hops = front_ends.hop(first), front_ends.hop(other)
    if hops[0] != hops[1]:
        raise PluginError(
            f"{both} have the hops {hops[0]} and {hops[1]}: front ends with different hops would come "
            "side by side (`ClipBatch.beside`), which is not yet carried out. Give them the same hop."
        )
    lengths = front_ends.fixed(first), front_ends.fixed(other)
    if lengths[0] != lengths[1]:
        raise _unequal(both, lengths)
    for name in ("seconds", "copies", "augmentation"):
        if getattr(first, name) != getattr(other, name):
            raise PluginError(f"{both} have different `{name}`; stacked front ends share it.")


def under(protocol: Protocol, stack: Stack) -> Stack:
    """These front ends as a protocol has them computed: where it has altered copies, with these alone."""
    if not protocol.copies:
        return stack
    copies, augmentation = protocol.copies, protocol.augmentation
    return tuple(replace(features, copies=copies, augmentation=augmentation) for features in stack)


def limit(stack: Stack) -> int | None:
    """How many frames a clip has at most, and after padding exactly, by the length policy; None = any."""
    return front_ends.limit(stack[0])


def compute(stack: Stack, wave: np.ndarray) -> np.ndarray:
    """Audio (samples,) -> (frames, channels of all these front ends) float32, as a model is given them."""
    given = [front_ends.given(features, front_ends.compute(features, wave)) for features in stack]
    return joined(names(stack), given)


def joined(names: Sequence[str], arrays: Sequence[np.ndarray]) -> np.ndarray:
    """(frames, channels) of each of these front ends -> one array; PluginError where the frames differ."""
    if len(arrays) == 1:
        return arrays[0]
    check_frames(names, [len(array) for array in arrays])
    return np.concatenate(arrays, axis=1)


def check_frames(names: Sequence[str], lengths: Sequence[int]) -> None:
    """PluginError, naming two front ends, where one clip has become different numbers of frames."""
    for name, length in zip(names[1:], lengths[1:], strict=True):
        if length != lengths[0]:
            raise _unequal(f"{names[0]} and {name}", (lengths[0], length))


def names(stack: Stack) -> list[str]:
    """What the front ends are called."""
    return [features.front_end for features in stack]


def frozen(names: Iterable[str]) -> list[str]:
    """Those of these front ends that are frozen networks, which have seen other speech."""
    known = front_ends.registry()
    return [name for name in names if name in known and known[name].encoder]


def trained(stack: Stack) -> list[str]:
    """Those of these front ends with a network that is trained along."""
    return [features.front_end for features in stack if front_ends.trained(features)]


def missing(stack: Stack) -> str:
    """Why a frozen network among these front ends cannot run here, and what to do; "" where all can."""
    found = (front_ends.encoder_of(features) for features in stack)
    return next((lack for encoder in found if encoder and (lack := encoders.missing(encoder))), "")


def _unequal(both: str, lengths: tuple[int, int]) -> PluginError:
    return PluginError(
        f"{both} make {lengths[0]} and {lengths[1]} frames of the same clip; stacked front ends must agree."
    )
