"""Frozen self-supervised encoders with SUPERB's probe: learnt weights for their layers, then a linear layer.

SUPERB (Yang et al., Interspeech 2021, section 3) sums a frozen encoder's hidden states with learnt weights,
averages the sum over time, and classifies it linearly. Both sums are linear and commute: the front end gives
each layer's mean over time once, and the probe on these is exactly SUPERB's. A head of two linear layers with
nothing between them, as SUPERB's toolkit has it, is one linear layer here. The engine standardises a channel
alike in all layers; since the layers' weights sum to 1, that too changes nothing but the linear layer.
"""

from __future__ import annotations

from typing import Any

import optuna
import torch
from torch import nn

from protocols.contract import Features, Info, Params, Recipe, TorchModel

SUPERB = "S. Yang et al.: SUPERB. Interspeech 2021. https://arxiv.org/abs/2105.01051"
WAV2VEC2 = "A. Baevski et al.: wav2vec 2.0. NeurIPS 2020. https://arxiv.org/abs/2006.11477"
HUBERT = "W.-N. Hsu et al.: HuBERT. IEEE/ACM TASLP 29, 2021. https://arxiv.org/abs/2106.07447"
WAVLM = "S. Chen et al.: WavLM. IEEE JSTSP 16(6), 2022. https://arxiv.org/abs/2110.13900"
LIBRISPEECH = "LibriSpeech (960 h)"
LIBRILIGHT = "Libri-Light (60,000 h)"


def _info(name: str, encoder: str, layers: int, paper: str, *pretraining: str) -> Info:
    return Info(
        name=name,
        version="1",
        title=f"{encoder}, frozen, linear probe",
        summary=f"Learnt weights for the {layers} hidden states of {encoder}, their mean, a linear layer.",
        paper=f"{paper}; the probe: {SUPERB}",
        licence="Apache-2.0; the weights MIT, as torchaudio redistributes them",
        pretraining=pretraining,
    )


def _defaults(bundle: str, layers: int) -> dict[str, Any]:
    return {"bundle": bundle, "layers": layers, "learning_rate": 3e-3, "weight_decay": 1e-2, "dropout": 0.0}


class SslProbe(TorchModel):
    """What the six have in common."""

    @staticmethod
    def features(params: Params) -> Features:
        return Features(front_end="ssl", options={"bundle": params["bundle"]})

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {
            "learning_rate": trial.suggest_float("learning_rate", 3e-4, 3e-2, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-4, 1.0, log=True),
            "dropout": trial.suggest_float("dropout", 0.0, 0.5),
        }

    @staticmethod
    def build(n_classes: int, channels: int, params: Params) -> nn.Module:
        return Probe(n_classes, channels, layers=params["layers"], dropout=params["dropout"])

    @staticmethod
    def recipe(params: Params) -> Recipe:
        return Recipe(learning_rate=params["learning_rate"], weight_decay=params["weight_decay"])


class Probe(nn.Module):
    """(b, layers, dim), each clip as long -> logits (b, n_classes)."""

    def __init__(self, n_classes: int, channels: int, *, layers: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Parameter(torch.zeros(layers))  # softmax: at first all count alike
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(channels, n_classes)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        x = torch.einsum("l,bld->bd", self.layers.softmax(dim=0), x)
        return self.head(self.dropout(x))


class Wav2Vec2Base(SslProbe):
    info = _info("wav2vec2-base-probe", "wav2vec 2.0 base", 13, WAV2VEC2, LIBRISPEECH)
    defaults = _defaults("WAV2VEC2_BASE", 13)


class Wav2Vec2Large(SslProbe):
    info = _info("wav2vec2-large-probe", "wav2vec 2.0 large", 25, WAV2VEC2, LIBRISPEECH)
    defaults = _defaults("WAV2VEC2_LARGE", 25)


class HubertBase(SslProbe):
    info = _info("hubert-base-probe", "HuBERT base", 13, HUBERT, LIBRISPEECH)
    defaults = _defaults("HUBERT_BASE", 13)


class HubertLarge(SslProbe):
    # Its targets are clusters of HuBERT base's features, so it has learnt from LibriSpeech too.
    info = _info("hubert-large-probe", "HuBERT large", 25, HUBERT, LIBRILIGHT, LIBRISPEECH)
    defaults = _defaults("HUBERT_LARGE", 25)


class WavlmBase(SslProbe):
    info = _info("wavlm-base-probe", "WavLM base", 13, WAVLM, LIBRISPEECH)
    defaults = _defaults("WAVLM_BASE", 13)


class WavlmLarge(SslProbe):
    # Likewise, targets from HuBERT base; its own audio is called Mix 94k h in the paper.
    info = _info(
        "wavlm-large-probe",
        "WavLM large",
        25,
        WAVLM,
        LIBRILIGHT,
        "GigaSpeech (10,000 h)",
        "VoxPopuli (24,000 h)",
        LIBRISPEECH,
    )
    defaults = _defaults("WAVLM_LARGE", 25)
