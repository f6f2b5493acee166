"""A network in one file, small and without dropout, whose bits are a stack's own."""

import torch
from torch import nn

from protocols.contract import Features, Info, Recipe, TorchModel


class Network(nn.Module):
    def __init__(self, channels, n_classes):
        super().__init__()
        self.hidden, self.norm = nn.Linear(channels, 8, bias=False), nn.BatchNorm1d(8)
        self.head = nn.Linear(8, n_classes)

    def embed(self, x, lengths):
        return torch.tanh(self.norm(self.hidden(x.sum(dim=1) / lengths[:, None])))

    def forward(self, x, lengths):
        return self.head(self.embed(x, lengths))


class SmallNetwork(TorchModel):
    info = Info(name="small-network", version="1", title="A small network", summary="One hidden layer.")
    defaults = {"learning_rate": 0.02}

    @staticmethod
    def features(params):  # noqa: ARG004
        return Features(front_end="mfcc", functionals=("mean", "std"))

    @staticmethod
    def space(trial):
        return {"learning_rate": trial.suggest_float("learning_rate", 1e-3, 0.1, log=True)}

    @staticmethod
    def build(n_classes, channels, params):  # noqa: ARG004
        return Network(channels, n_classes)

    @staticmethod
    def recipe(params):
        return Recipe(epochs=12, batch_size=16, learning_rate=params["learning_rate"])
