"""Can a plugin's networks be trained as a stack? Tried on noise in 64 bits, against each one by itself."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from benchmark.training import stacked_modules
from benchmark.training.stacked_layers import Dropout, Step
from benchmark.training.stacked_network import StackedNetwork
from protocols.contract import Params, TorchModel

CLIPS, TOLERANCE = 5, 1e-9


def reason_against(
    plugin: type[TorchModel], n_classes: int, params: Sequence[Params], *, frames: int, channels: int
) -> str:
    """Why networks with these parameters, which should differ in all that a search may change, do not stack.

    "" where they do: each answers as it does by itself, in training and after it.
    """
    if not plugin.info.stackable:
        return "its info says stackable=False"
    networks = [_built(plugin, n_classes, channels, own, seed) for seed, own in enumerate(params)]
    alone = [copy.deepcopy(network).double() for network in networks]
    try:
        stacked = StackedNetwork(networks, device="cpu", dtype=torch.float64)
        for training in (False, True):  # which moves running statistics
            stacked.base.train(training)
            off = _difference(stacked, [network.train(training) for network in alone], frames, channels)
            if not off < TOLERANCE:
                return f"a network in a stack answers otherwise than by itself, by up to {off:.1e}"
        stacked.state(0)  # which has no place for a parameter of two names
    except Exception as error:  # a plugin's own code fails in its own ways, such as asking a layer for more
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return ""


def _built(plugin: type[TorchModel], n_classes: int, channels: int, params: Params, seed: int) -> nn.Module:
    torch.manual_seed(seed)
    return plugin.build(n_classes, channels, params)


def _difference(stacked: StackedNetwork, alone: Sequence[nn.Module], frames: int, channels: int) -> float:
    """The largest, over all answers to the same noise."""
    m = len(alone)
    noise = torch.Generator().manual_seed(0)
    x = torch.randn(m, CLIPS, frames, channels, generator=noise, dtype=torch.float64)
    lengths = torch.full((m, CLIPS), frames)
    facts: dict[str, Any] = {"rows": x.new_ones(m, CLIPS), "seeds": torch.arange(m), "active": x.new_ones(m)}
    with torch.no_grad():
        found = stacked(x, lengths, **facts)
        wanted = [_answer(network, x[row], lengths[row], seed=row) for row, network in enumerate(alone)]
    return float((found - torch.stack(wanted)).abs().max())


def _answer(network: nn.Module, x: torch.Tensor, lengths: torch.Tensor, *, seed: int) -> torch.Tensor:
    """By PyTorch's own layers, but for dropout, whose bits are the stack's."""
    step = Step()
    step.rows, step.seed, step.active = x.new_ones(len(x)), torch.tensor(seed), x.new_ones(())
    step.calls = 0
    dropouts = {kind: layer for kind, layer in stacked_modules.LAYERS.items() if layer is Dropout}
    answer: torch.Tensor = stacked_modules.exchanged(copy.deepcopy(network), step, dropouts)(x, lengths)
    return answer
