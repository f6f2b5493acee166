"""The embedding of a clip by mn04, a small network that was trained to name sounds: (1, 384).

F. Schmid, K. Koutini, G. Widmer: Efficient large-scale audio tagging via transformer-to-CNN knowledge
distillation. ICASSP 2023. It is the mean over bands and time of what the network's classifier is given.

Its input is at 32 kHz: 128 mel bands up to 15 kHz, of windows of 25 ms every 10 ms. Our audio is at 16 kHz,
so nothing lies above 8 kHz, and up to there the spectrum is computed from 16 kHz: half as many samples have
the same bins at half the amplitude. Of the pre-emphasis, 1 - a / z at 32 kHz, the steep part is a filter at
16 kHz, since (1 - a / z) (1 + a / z) = 1 - a^2 / z^2; the other is flat, and a factor on each bin.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmark.audio import torchaudio_stub
from benchmark.features import encoders, weights_file
from benchmark.features.encoders import Encoder
from benchmark.features.front_end import FrontEnd, one

if TYPE_CHECKING:
    import torch

FILE, SHA256 = "mn04_as_mAP_432.pt", "899a8c6217063f6941793102a2780b3dd788ab11fce468d9cf5f0577c453321c"
RATE, N_FFT, HOP, WINDOW = 32_000, 1024, 320, 800  # of the network's own input
BANDS, HIGHEST = 128, 15_000.0  # Hz
EMPHASIS = 0.97


def build() -> torch.nn.Module:
    from benchmark.features import mobilenet

    return mobilenet.Embedding()


def read(file: Path) -> Mapping[str, Any]:
    """The network's tensors, without the classifier's; WeightsError where the file is another."""
    state = weights_file.read_published(file, SHA256, owner="mn04")
    return {
        key.replace("conc_se_layers.0.", ""): value
        for key, value in state.items()
        if not key.startswith("classifier")
    }


def embedding(network: Any) -> Callable[[np.ndarray], torch.Tensor]:
    """(samples,) -> (1, 384)."""
    import torch

    def outputs(wave: np.ndarray) -> torch.Tensor:
        with torch.inference_mode():
            return network(image(wave)[None, None])

    return outputs


def image(wave: np.ndarray) -> torch.Tensor:
    """(samples,) at 16 kHz -> what the network is given, (bands, frames)."""
    import torch

    x = torch.from_numpy(np.pad(wave, (1, max(0, N_FFT // 2 - len(wave)))))
    window, filters = _window_and_filters()
    emphasised = x[1:] - EMPHASIS**2 * x[:-1]
    spectrum = torch.stft(emphasised, N_FFT // 2, HOP // 2, WINDOW // 2, window, return_complex=True)
    return ((filters @ spectrum.abs().square() + 1e-5).log() + 4.5) / 5


@cache
def _window_and_filters() -> tuple[torch.Tensor, torch.Tensor]:
    """Every second sample of the window (400,), and the filters up to 8 kHz (bands, 257)."""
    import torch

    torchaudio_stub.install()
    from torchaudio.compliance import kaldi

    bins = N_FFT // 4 + 1
    filters, _ = kaldi.get_mel_banks(BANDS, N_FFT, float(RATE), 0.0, HIGHEST, 100.0, -500.0, 1.0)
    angle = 2 * torch.pi / N_FFT * torch.arange(bins)
    power = 2**2 / (1 + EMPHASIS * torch.exp(-1j * angle)).abs().square()  # as at 32 kHz
    return torch.hann_window(WINDOW, periodic=False)[::2], filters[:, :bins] * power


ENCODER = Encoder(
    name="mn04",
    weights=weights_file.to_download(
        "mn04",
        f"https://github.com/fschmid56/EfficientAT/releases/download/v0.0.1/{FILE}",
        FILE,
        sha256=SHA256,
    ),
    frames=1,
    build=build,
    outputs=embedding,
    read=read,
    meta=False,
)
FRONT_END = FrontEnd(
    name="mn04",
    make=lambda: encoders.front_end(ENCODER),
    libraries=("torch", "torchaudio"),
    imports=("benchmark.features.mobilenet", "torchaudio.compliance.kaldi"),
    fixed=one,
    encoder=lambda: ENCODER,
)
