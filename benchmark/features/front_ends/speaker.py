"""The embedding of a clip's voice, (1, 256), of length 1: `embed_utterance` of resemblyzer.

An LSTM trained with the generalised end-to-end loss (Wan et al., ICASSP 2018) reads windows of 1.6 s of mel
power. Of the package's preparations, loudness is evened out; silence is not cut away.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.features import encoders, weights_file
from benchmark.features.encoders import Encoder
from benchmark.features.front_end import FrontEnd, one

if TYPE_CHECKING:
    import torch

SHA256 = "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e"  # in resemblyzer 0.1.4


def build() -> torch.nn.Module:
    from torch import nn

    layers = {"lstm": nn.LSTM(40, 256, 3, batch_first=True), "linear": nn.Linear(256, 256)}
    return nn.ModuleDict(layers)


def read(file: Path) -> Mapping[str, Any]:
    """The network's tensors, without the loss's parameters; WeightsError where the file is another."""
    state = weights_file.read_published(file, SHA256, owner="resemblyzer 0.1.4")["model_state"]
    return {key: value for key, value in state.items() if key.startswith(("lstm", "linear"))}


def voices(network: Any) -> Callable[[np.ndarray], torch.Tensor]:
    """(samples,) -> the mean of its windows' embeddings, of length 1: (1, 256)."""
    import torch
    from torch import nn

    from benchmark.features import mel

    def outputs(wave: np.ndarray) -> torch.Tensor:
        starts = windows(len(wave))
        x = np.pad(loud(wave), (0, max(0, (starts[-1] + 160) * 160 - len(wave))))
        bands = mel.mel(x, n_fft=400, hop=160, n_mels=40)  # (frames, 40), no logarithm
        stack = torch.stack([bands[start : start + 160] for start in starts])  # (windows, 160, 40)
        with torch.inference_mode():
            _, (hidden, _) = network["lstm"](stack)  # hidden: (3, windows, 256)
            each = nn.functional.normalize(torch.relu(network["linear"](hidden[-1])))  # (windows, 256)
        return nn.functional.normalize(each.mean(dim=0, keepdim=True))  # (1, 256)

    return outputs


def windows(samples: int) -> list[int]:
    """First frames of the windows, 77 frames apart; the last counts only if the clip fills 3/4 of it."""
    starts = list(range(0, max(1, samples // 160 - 81), 77))
    if len(starts) > 1 and samples - 160 * starts[-1] < 0.75 * 160 * 160:
        starts.pop()
    return starts


def loud(wave: np.ndarray) -> np.ndarray:
    """A clip below -30 dB of full scale (root mean square) is raised to that."""
    rms = float(np.sqrt(np.mean(np.square(wave, dtype=np.float64))))
    gain = 10 ** (-30 / 20) / rms if rms else 1.0
    return wave * np.float32(max(gain, 1.0))


ENCODER = Encoder(
    name="speaker",
    weights=weights_file.of_package(
        "resemblyzer",
        "pretrained.pt",
        "speaker: the package resemblyzer, whose wheel carries the weights, is not installed. Run "
        '"pip install --no-deps resemblyzer==0.1.4" (nothing that it depends on is needed here).',
        sha256=SHA256,
    ),
    frames=1,
    build=build,
    outputs=voices,
    read=read,
    meta=False,
)
FRONT_END = FrontEnd(
    name="speaker",
    make=lambda: encoders.front_end(ENCODER),
    libraries=("torch", "torchaudio"),
    imports=("benchmark.features.mel",),
    fixed=one,
    encoder=lambda: ENCODER,
)
