"""Two front ends in one model: their channels stand side by side, in the order given."""

from protocols.contract import Features, Info, Recipe, TorchModel
from torch import nn

HOP = 320  # samples; front ends that share it are stacked


class Melody(TorchModel):
    info = Info(
        name="example-melody",
        version="1",
        title="Example: log-Mel and pitch, a gated recurrent unit",
        summary="40 log-Mel bands, fundamental frequency, voicing and energy, read by one recurrent layer.",
        licence="Apache-2.0",
    )
    defaults = {"width": 32}

    @staticmethod
    def features(params):
        bands = Features(front_end="log-mel", options={"n_mels": 40, "hop": HOP}, seconds=3.0)
        melody = Features(front_end="pitch", options={"hop": HOP}, seconds=3.0)
        return bands, melody  # 40 channels, then 3

    @staticmethod
    def build(n_classes, channels, params):
        width = params["width"]
        return Recurrent(nn.GRU(channels, width, batch_first=True), nn.Linear(width, n_classes))

    @staticmethod
    def recipe(params):
        return Recipe(epochs=20, learning_rate=3e-3)


class Recurrent(nn.Sequential):
    def forward(self, x, lengths):  # (b, frames, 43); all have 3 s, so lengths are not looked at
        states, _ = self[0](x)  # (b, frames, width)
        return self[1](states.mean(dim=1))  # (b, n_classes)
