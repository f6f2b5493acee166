"""Front ends that are frozen networks: 16 kHz mono audio in, what the network makes of a clip out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.audio.reader import RATE
from benchmark.features import weights_file
from benchmark.features.weights_file import Weights

if TYPE_CHECKING:
    import torch


VERSION = 1  # a new one whenever any encoder's numbers change


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """A frozen network: what is needed to build it, to fill it with its weights, and to run it."""

    name: str
    weights: Weights
    frames: int  # that every clip becomes, however long it is
    build: Callable[[], torch.nn.Module]  # on PyTorch's default device, before its weights are read
    outputs: Callable[[Any], Callable[[np.ndarray], torch.Tensor]]  # network -> wave -> (frames, channels)
    read: Callable[[Path], Mapping[str, Any]] = weights_file.read  # the network's own tensors, from its file
    meta: bool = True  # whether it also runs on PyTorch's meta device, where nothing is computed


def front_end(encoder: Encoder) -> Callable[[np.ndarray], np.ndarray]:
    """Audio (samples,) -> (frames, channels); WeightsError where the weights are absent or not its own."""
    outputs = encoder.outputs(filled(encoder))
    return lambda wave: outputs(wave).numpy()


def filled(encoder: Encoder) -> torch.nn.Module:
    """The network with its weights; WeightsError where they are absent or not its own."""
    file, built = weights_file.path(encoder.weights), network(encoder)
    weights_file.fill(built, encoder.read(file), file)
    return built


def without_weights(encoder: Encoder, samples: int, *, device: str = "cpu") -> Callable[[], torch.Tensor]:
    """A call of the encoder on so much audio, for counting what it computes: its numbers mean nothing."""
    empty, silence = network(encoder, device="meta").to_empty(device=device), np.zeros(samples, np.float32)
    for tensor in (*empty.parameters(), *empty.buffers()):
        tensor.zero_()
    outputs = encoder.outputs(empty)
    return lambda: outputs(silence)


@cache
def shape(encoder: Encoder) -> tuple[int, ...]:
    """(frames, channels) of what an encoder gives, which is the same for every clip."""
    return tuple(without_weights(encoder, RATE, device="meta" if encoder.meta else "cpu")().shape)


def parameters(encoder: Encoder) -> int:
    """How many numbers the network has learnt."""
    return sum(weight.numel() for weight in network(encoder, device="meta").parameters())


def missing(encoder: Encoder) -> str:
    """Why this encoder cannot run here, and how to get its weights; "" if it can."""
    return weights_file.missing(encoder.weights)


def identity(encoder: Encoder) -> dict[str, Any]:
    """What decides an encoder's numbers, for the cache: the SHA-256 of its weights, and our version.

    WeightsError where the weights are absent, and it is not declared which they are.
    """
    digest = encoder.weights.sha256 or weights_file.sha256(weights_file.path(encoder.weights))
    return {"encoder": encoder.name, "weights": digest, "version": VERSION}


def network(encoder: Encoder, *, device: str = "cpu") -> torch.nn.Module:
    """The encoder as it is built, before its weights are read."""
    import torch

    with torch.device(device):
        return encoder.build().eval().requires_grad_(False)
