"""The embedding of a clip by BYOL-S, a small encoder that learnt speech without labels: (1, 512).

N. Scheidwasser-Clow, M. Kegler, P. Beckmann, M. Cernak: SERAB: a multi-lingual benchmark for speech emotion
recognition. ICASSP 2022. The encoder is that of BYOL-A (D. Niizumi et al.: BYOL for Audio: Self-Supervised
Learning for General-Purpose Audio Representation. IJCNN 2021, table I), trained on the speech in AudioSet.

SERAB standardises with the mean and deviation of a corpus's log-mel spectrograms. Here each clip has its own:
an answer must not depend on other clips. So a clip's level changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.audio import torchaudio_stub
from benchmark.audio.reader import RATE
from benchmark.features import encoders, weights_file
from benchmark.features.encoders import Encoder
from benchmark.features.front_end import FrontEnd, one

if TYPE_CHECKING:
    import torch

FILE, SHA256 = "byols_default512.pth", "449f5d0dc6b6fa8433d5e43769097520d3bc0fdae88977a7ac29e2e72ca51b52"
ADDRESS = (
    "https://github.com/Neclow/SERAB/raw/cc0ebd74014c19ce4fad752afe5dfd374fc7fdb2/SERAB/checkpoints/"
    "default512_BYOLAs64x96-2107281850-e100-bs256-lr0003-rs42.pth"
)
HOP, BANDS, CHANNELS, WIDTH = 160, 64, 64, 512
POOLED = 8  # bands, or frames, that become one
# A window of 25 ms, as SERAB has it; BYOL-A's has 64. The weights' own batch norms fit its spectra better.
MEL = {"n_fft": 1024, "win_length": 400, "hop_length": HOP, "n_mels": BANDS, "f_min": 60.0, "f_max": 7800.0}


def build() -> torch.nn.Module:
    from torch import nn

    layers: list[nn.Module] = []
    for before in (1, CHANNELS, CHANNELS):
        layers += [nn.Conv2d(before, CHANNELS, 3, padding=1), nn.BatchNorm2d(CHANNELS), nn.ReLU()]
        layers.append(nn.MaxPool2d(2))
    each = CHANNELS * BANDS // POOLED  # numbers of one frame
    fc = nn.Sequential(nn.Linear(each, WIDTH), nn.ReLU(), nn.Dropout(0.3), nn.Linear(WIDTH, WIDTH), nn.ReLU())
    return nn.ModuleDict({"features": nn.Sequential(*layers), "fc": fc})


def read(file: Path) -> Mapping[str, Any]:
    """The network's tensors; WeightsError where the file is another."""
    return weights_file.read_published(file, SHA256, owner="BYOL-S 512")


def embedding(network: Any) -> Callable[[np.ndarray], torch.Tensor]:
    """(samples,) -> the sum of maximum and mean over time, (1, 512)."""
    import torch

    def outputs(wave: np.ndarray) -> torch.Tensor:
        with torch.inference_mode():
            x = network["features"](image(wave)[None, None])  # (1, channels, bands / 8, frames / 8)
            x = network["fc"](x.permute(0, 3, 2, 1).flatten(2))  # (1, frames / 8, 512)
            return x.amax(dim=1) + x.mean(dim=1)

    return outputs


def image(wave: np.ndarray) -> torch.Tensor:
    """(samples,) -> log-mel with mean 0 and deviation 1, (bands, frames), frames for one of the output."""
    import torch

    long_enough = np.pad(wave, (0, max(0, POOLED * HOP - len(wave))))
    x = (_mel()(torch.from_numpy(long_enough)) + torch.finfo(torch.float32).eps).log()
    return (x - x.mean()) / x.std().clamp(min=1e-6)


@cache
def _mel() -> torch.nn.Module:
    torchaudio_stub.install()
    from torchaudio import transforms

    return transforms.MelSpectrogram(RATE, **MEL)


ENCODER = Encoder(
    name="byol-s",
    weights=weights_file.to_download("byol-s", ADDRESS, FILE, sha256=SHA256),
    frames=1,
    build=build,
    outputs=embedding,
    read=read,
    meta=False,
)
FRONT_END = FrontEnd(
    name="byol-s",
    make=lambda: encoders.front_end(ENCODER),
    libraries=("torch", "torchaudio"),
    imports=("benchmark.features.mel",),
    fixed=one,
    encoder=lambda: ENCODER,
)
