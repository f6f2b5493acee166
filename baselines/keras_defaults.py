"""What Keras does where PyTorch would do otherwise, for networks that were published in Keras."""

from __future__ import annotations

from torch import nn


def take(network: nn.Module) -> None:
    """Keras's start and batch normalisation for all layers of a network.

    Weights as Glorot and Bengio (AISTATS 2010) draw them evenly, biases 0; 1e-3 beside a variance, and
    running statistics that keep 0.99 at each step, which PyTorch calls a momentum of 0.01.
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
        elif isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            layer.eps, layer.momentum = 1e-3, 0.01
