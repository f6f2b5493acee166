"""Which layers of a network are exchanged so that a stack can run it.

vmap cannot run PyTorch's own, or runs them slowly. Each takes its layer's place, under the same name and with
the same parameters, and computes the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from benchmark.training.stacked_convolution import Convolution
from benchmark.training.stacked_layers import BatchNorm, Dropout, Step
from benchmark.training.stacked_recurrence import Recurrent

Layers = Mapping[type[nn.Module], Callable[[Any, Step], nn.Module]]
LAYERS: Layers = {
    **dict.fromkeys((nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d), BatchNorm),
    **dict.fromkeys((nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d), Dropout),
    **dict.fromkeys((nn.GRU, nn.LSTM), Recurrent),
    **dict.fromkeys((nn.Conv1d, nn.Conv2d), Convolution),
}


def exchanged(network: nn.Module, step: Step, layers: Layers = LAYERS) -> nn.Module:
    """The network with its layers exchanged, in place; a new one keeps its training mode.

    NotImplementedError where a layer is used in a way that is not stacked.
    """
    known: dict[nn.Module, nn.Module] = {}  # a layer may stand at several places
    for module in list(network.modules()):
        for name, child in list(module.named_children()):
            make = layers.get(type(child))
            if make is None or getattr(child, "groups", 1) > 1:  # many groups are what vmap makes of it
                continue
            if child not in known:
                known[child] = make(child, step).train(child.training)
            setattr(module, name, known[child])
    return network
