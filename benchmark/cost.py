"""What a network costs: the multiply-adds of one clip."""

from __future__ import annotations

import copy

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmark import frontends
from benchmark.audio import RATE
from benchmark.plugins import Plugin
from protocols.contract import TorchModel
from protocols.errors import PluginError

CLASSES = 7  # of the networks that are counted; one more or less is a row of the last matrix


def flops(network: nn.Module, *, frames: int, channels: int) -> int:
    """Multiply-adds of `network` for one clip of `frames` x `channels`, at inference.

    Convolutions and matrix products count, attention's among them; norms, activations, pooling and
    elementwise operations count nothing. No number is computed: a copy of the network runs on PyTorch's meta
    device, which knows shapes alone. So a network that looks at numbers fails here. On a CPU it would run,
    but there the counter takes fused attention and LSTM for nothing.
    """
    with FlopCounterMode(display=False) as counter:
        _run(copy.deepcopy(network).to("meta"), frames, channels, device="meta")
    return counter.get_total_flops() // 2  # PyTorch counts a multiply-add as two


def _run(network: nn.Module, frames: int, channels: int, *, device: str) -> None:
    lengths = torch.full((1,), frames, device=device)
    with torch.no_grad():
        network.eval()(torch.zeros(1, frames, channels, device=device), lengths)


def of_plugin(plugin: Plugin, *, seconds: float = 3.0) -> int | None:
    """Multiply-adds of a `TorchModel`'s network for so many seconds of speech, without its front end.

    0 for every other model: the estimators among them cost next to nothing. None where the network runs but
    cannot be counted, since it looks at numbers, as packed sequences do. PluginError where it does not run.
    """
    if not issubclass(plugin.model, TorchModel):
        return 0
    noise = np.random.default_rng(0).normal(scale=0.1, size=round(seconds * RATE)).astype(np.float32)
    clip = frontends.compute(plugin.features, noise)  # (frames, channels)
    frames = frontends.limit(plugin.features) or len(clip)
    try:
        network = plugin.model.build(CLASSES, clip.shape[1], plugin.model.defaults)
        try:
            return flops(network, frames=frames, channels=clip.shape[1])
        except (RuntimeError, NotImplementedError):  # it looks at numbers, or is broken: then it fails again
            _run(network, frames, clip.shape[1], device="cpu")
            return None
    except Exception as error:
        raise PluginError(
            f"{plugin.info.name}: its network fails on a clip of {seconds:g} s, {frames} frames by "
            f"{clip.shape[1]} channels: {type(error).__name__}: {error}"
        ) from error
