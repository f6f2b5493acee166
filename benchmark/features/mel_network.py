"""Mel bands and cepstra as networks that ONNX can hold: the numbers of `mel`, but for rounding.

Sizes that follow from a clip's length are symbols while a network is exported: hence no `if` on them, and no
`len`, which would make a number of one.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.nn import functional

from benchmark.audio import torchaudio_stub
from benchmark.audio.reader import RATE
from benchmark.features import mel

torchaudio_stub.install()
from torchaudio import functional as audio  # noqa: E402  (not before the stub)
from torchaudio.functional.functional import _hz_to_mel, _mel_to_hz  # noqa: E402


class Mel(nn.Module):
    """wave (samples,) -> the power in Mel bands in dB, (frames, n_mels)."""

    window: torch.Tensor  # (n_fft,)
    hertz: torch.Tensor  # (bins,)
    edges: torch.Tensor  # (n_mels + 2,) in Hz: a file need not hold the filters that follow from them

    def __init__(self, *, n_fft: int, hop: int, n_mels: int, window: int = 0, hamming: bool = False) -> None:
        super().__init__()
        self.n_fft, self.hop = n_fft, hop
        self.register_buffer("window", mel.window_weights(n_fft, window or n_fft, hamming))
        self.register_buffer("hertz", torch.linspace(0, RATE / 2, n_fft // 2 + 1))
        self.register_buffer("edges", _edges(n_mels))

    def forward(self, wave: torch.Tensor) -> torch.Tensor:
        padded = functional.pad(wave[None], (self.n_fft // 2, self.n_fft // 2))
        spectra = torch.stft(
            padded, self.n_fft, self.hop, window=self.window, center=False, return_complex=True
        )
        power = torch.view_as_real(spectra)[0].square().sum(dim=2).T  # (frames, bins)
        decibel = 10 * torch.log10((power @ self.filters()).clamp(min=1e-10))
        return torch.maximum(decibel, decibel.max() - mel.RANGE)

    def filters(self) -> torch.Tensor:
        """(bins, n_mels): triangles of one area, as Slaney's."""
        width = self.edges[1:] - self.edges[:-1]
        place = (self.hertz[:, None] - self.edges[:-1]) / width  # from each edge to the next
        return torch.minimum(place[:, :-1], 1 - place[:, 1:]).clamp(min=0) * 2 / (width[1:] + width[:-1])

    def without_level(self, x: torch.Tensor) -> torch.Tensor:
        return x - x.mean()


class MelImage(Mel):
    """The same of `seconds` of a clip, with `resize` as so many frames."""

    weights: torch.Tensor  # (frames after, before): resizing is one product

    def __init__(self, *, seconds: float, resize: int, **options: Any) -> None:
        super().__init__(**options)
        self.samples, self.resize = round(seconds * RATE), resize
        if resize:
            whole = torch.eye(1 + self.samples // self.hop)[None, None]  # (1, 1, frames, frames)
            size = (resize, whole.shape[3])
            resized = functional.interpolate(whole, size=size, mode="bilinear", antialias=True)
            self.register_buffer("weights", resized[0, 0])

    def forward(self, wave: torch.Tensor) -> torch.Tensor:
        x = super().forward(middle(wave, self.samples))
        return self.weights @ x if self.resize else x


class Cepstra(nn.Module):
    """wave (samples,) -> MFCCs and their slopes, (frames, n_mfcc * (1 + deltas))."""

    cosines: torch.Tensor  # (n_mels, n_mfcc)

    def __init__(self, *, n_mfcc: int, deltas: int, n_fft: int, hop: int, n_mels: int) -> None:
        super().__init__()
        self.mel, self.deltas = Mel(n_fft=n_fft, hop=hop, n_mels=n_mels), deltas
        self.register_buffer("cosines", audio.create_dct(n_mfcc, n_mels, norm="ortho"))

    def forward(self, wave: torch.Tensor) -> torch.Tensor:
        stack = [(self.mel(wave) @ self.cosines).T]  # (n_mfcc, frames)
        for _ in range(self.deltas):
            stack.append(audio.compute_deltas(stack[-1]))
        return torch.cat(stack).T

    def without_level(self, x: torch.Tensor) -> torch.Tensor:
        return torch.cat([x[:, :1] - x[:, :1].mean(), x[:, 1:]], dim=1)


def _edges(n_mels: int) -> torch.Tensor:
    """(n_mels + 2,) in Hz, rounded as torchaudio does: 2 mHz away, a clip's floor moves by 0.1 mdB."""
    mels = torch.linspace(0, _hz_to_mel(RATE / 2, "slaney"), n_mels + 2)
    return _mel_to_hz(mels, "slaney")


def middle(x: torch.Tensor, n: int) -> torch.Tensor:
    """(any, ...) -> (n, ...): its middle, or with zeros at its end."""
    padded = torch.cat([x, x.new_zeros(n, *x.shape[1:])])
    return padded[torch.arange(n) + torch.sym_max(x.shape[0] - n, 0) // 2]
