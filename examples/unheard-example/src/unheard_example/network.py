"""A network: declare `build` and `recipe`, and the benchmark trains it."""

from protocols.contract import Augmentation, Features, Info, Recipe, TorchModel
from torch import nn


class Network(TorchModel):
    info = Info(
        name="example-network",
        version="1",
        title="Example: one layer of convolution",
        summary="One convolution over 40 log-Mel bands, its greatest values over time, one linear layer.",
        licence="Apache-2.0",
    )
    defaults = {"learning_rate": 3e-3}

    @staticmethod
    def features(params):
        return Features(front_end="log-mel", options={"n_mels": 40, "hop": 320}, seconds=3.0)

    @staticmethod
    def space(trial):
        return {"learning_rate": trial.suggest_float("learning_rate", 5e-4, 2e-2, log=True)}

    @staticmethod
    def build(n_classes, channels, params):
        return Layers(nn.Conv1d(channels, 32, kernel_size=9, stride=4), nn.Linear(32, n_classes))

    @staticmethod
    def recipe(params):
        masks = (Augmentation("time-mask", 0.0, 0.2), Augmentation("band-mask", 0, 8))
        return Recipe(epochs=20, learning_rate=params["learning_rate"], augmentation=masks)


class Layers(nn.Sequential):
    def forward(self, x, lengths):  # (b, frames, channels); all have 3 s, so lengths are not looked at
        return self[1](self[0](x.transpose(1, 2)).relu().amax(dim=2))  # (b, n_classes)
