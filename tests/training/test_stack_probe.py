"""Which plugins are found fit for a stack."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from baselines.eca_cnn import EcaCnn
from benchmark.training import stack_probe
from protocols.contract import Info, TorchModel

PARAMS = [{"dropout": 0.1}, {"dropout": 0.4}]


def plugin(module, **info):
    """A plugin whose network is `module(channels, n_classes, params)`."""
    build = staticmethod(lambda n_classes, channels, params: module(channels, n_classes, params))
    declared = replace(Info(name="toy", version="1", title="", summary=""), **info)
    return type("Toy", (TorchModel,), {"info": declared, "build": build})


class Plain(nn.Module):
    def __init__(self, channels, n_classes, params):
        super().__init__()
        self.head, self.dropout = nn.Linear(channels, n_classes), nn.Dropout(params["dropout"])

    def forward(self, x, lengths):  # noqa: ARG002
        return self.head(self.dropout(x.mean(dim=1)))


class Own(Plain):
    """A parameter of the search that is a plain number, of which a stack knows the first network's alone."""

    def __init__(self, channels, n_classes, params):
        super().__init__(channels, n_classes, params)
        self.scale = params["dropout"]

    def forward(self, x, lengths):
        return self.scale * super().forward(x, lengths)


class InTraining(Own):
    """Likewise, but in training alone."""

    def forward(self, x, lengths):
        return Plain.forward(self, x, lengths) * (self.scale if self.training else 1)


class Drawing(Plain):
    def forward(self, x, lengths):
        return super().forward(x + torch.randn(1), lengths)


class Sized(Plain):
    def __init__(self, channels, n_classes, params):
        super().__init__(channels, n_classes, params)
        self.more = nn.Linear(int(10 * params["dropout"]), 2)


class Cumulative(Plain):
    def __init__(self, channels, n_classes, params):
        super().__init__(channels, n_classes, params)
        self.norm = nn.BatchNorm1d(n_classes, momentum=None)


class Tied(Plain):
    """A parameter under two names."""

    def __init__(self, channels, n_classes, params):
        super().__init__(channels, n_classes, params)
        self.tied = self.head


class Asking(Plain):
    """It asks its layer for what only PyTorch's own has."""

    def __init__(self, channels, n_classes, params):
        super().__init__(channels, n_classes, params)
        self.states = nn.GRU(channels, channels)

    def forward(self, x, lengths):
        self.states.flatten_parameters()
        return super().forward(x, lengths)


def reason(model):
    return stack_probe.reason_against(model, 4, PARAMS, frames=12, channels=8)


def test_networks_that_answer_alike_are_stacked():
    assert reason(plugin(Plain)) == ""
    assert reason(EcaCnn) == ""


@pytest.mark.parametrize(
    ("module", "info", "words"),
    [
        (Plain, {"stackable": False}, "stackable=False"),
        (Own, {}, "answers otherwise than by itself, by up to"),
        (InTraining, {}, "answers otherwise than by itself, by up to"),
        (Drawing, {}, "RuntimeError: vmap"),
        (Asking, {}, "AttributeError: 'Recurrent' object has no attribute 'flatten_parameters'"),
        (Tied, {}, "KeyError: 'tied.weight'"),
        (Sized, {}, "ValueError: the networks of a stack have the same parameters"),
        (Cumulative, {}, "NotImplementedError: batch normalisation is stacked with running statistics"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_others_are_not_and_the_reason_is_given(module, info, words):
    assert words in reason(plugin(module, **info))
