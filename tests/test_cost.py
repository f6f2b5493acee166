"""Multiply-adds of networks whose cost is known by hand."""

import pytest
import torch
from torch import nn

from benchmark.cost import flops


class Linear(nn.Module):
    """A linear layer on each frame, after a norm and an activation, which cost nothing."""

    def __init__(self, device=None):
        super().__init__()
        self.norm = nn.LayerNorm(6, device=device)
        self.linear = nn.Linear(6, 5, device=device)

    def forward(self, x, lengths):
        return self.linear(torch.relu(self.norm(x))).sum(dim=1) / lengths[:, None]


class Convolution(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv1d(6, 8, kernel_size=3, stride=2)

    def forward(self, x, lengths):  # noqa: ARG002
        return self.conv(x.transpose(1, 2)).mean(dim=2)


class Attention(nn.Module):
    """6 channels as 2 heads of 3."""

    def forward(self, x, lengths):  # noqa: ARG002
        q = x.view(len(x), -1, 2, 3).transpose(1, 2)
        return nn.functional.scaled_dot_product_attention(q, q, q).flatten(1)


KNOWN = [
    (Linear, 11 * 6 * 5),
    (Convolution, 5 * 8 * 6 * 3),  # 5 places
    (Attention, 2 * 11 * 11 * 6),  # queries by keys, and weights by values
]


@pytest.mark.parametrize(("network", "count"), KNOWN, ids=lambda value: getattr(value, "__name__", ""))
def test_multiply_adds_are_what_they_are_by_hand(network, count):
    assert flops(network(), frames=11, channels=6) == count


def test_the_network_stays_as_it_was():
    network = Linear().train()
    flops(network, frames=11, channels=6)
    assert network.training
    assert {parameter.device.type for parameter in network.parameters()} == {"cpu"}


def test_a_network_without_numbers_can_be_counted():
    assert flops(Linear(device="meta"), frames=4, channels=6) == 4 * 6 * 5
