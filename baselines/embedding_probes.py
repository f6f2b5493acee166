"""Logistic regression on the embeddings of small frozen encoders: how much of an emotion is in them.

One learnt to tell voices apart, whatever they say and feel: what it keeps of an emotion, it keeps by
accident. Of the others, which a microcontroller could hold, one learnt to name sounds, and one learnt what
pieces of the same speech have in common. Their inner UAR (the winners', the mean over outer folds, on derived
copies of the corpora) is

                    SAVEE    EMOVO    EMO-DB    RAVDESS
    mn04-probe       36.7     37.1      67.9       54.4
    byol-s-probe     41.4     37.3      77.9       62.3
"""

from __future__ import annotations

from typing import Any

import optuna
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from protocols.contract import Features, Info, Params, SklearnModel


class EmbeddingProbe(SklearnModel):
    """What the probes have in common."""

    defaults = {"C": 1.0}

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {"C": trial.suggest_float("C", 1e-4, 1e2, log=True)}

    @staticmethod
    def estimator(params: Params, *, seed: int) -> Any:  # noqa: ARG004
        return make_pipeline(
            StandardScaler(), LogisticRegression(C=params["C"], class_weight="balanced", max_iter=2000)
        )


class SpeakerProbe(EmbeddingProbe):
    info = Info(
        name="speaker-probe",
        version="1",
        title="Speaker embedding, logistic regression",
        summary="256 values of a frozen LSTM that was trained to tell speakers apart (resemblyzer).",
        paper=(
            "L. Wan et al.: Generalized End-to-End Loss for Speaker Verification. ICASSP 2018. "
            "https://arxiv.org/abs/1710.10467"
        ),
        licence="Apache-2.0; the weights too (resemblyzer 0.1.4, https://github.com/resemble-ai/Resemblyzer)",
        pretraining=("LibriSpeech train-other-500", "VoxCeleb1", "VoxCeleb2"),
        deterministic=True,
        extra="speaker",
    )

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="speaker")


class Mn04Probe(EmbeddingProbe):
    info = Info(
        name="mn04-probe",
        version="1",
        title="mn04, frozen, logistic regression",
        summary=(
            "384 values of a frozen MobileNetV3 of 0.4 times the width that was trained to name sounds. Its "
            "input is at 32 kHz and clips are at 16 kHz, so it sees nothing above 8 kHz."
        ),
        paper=(
            "F. Schmid, K. Koutini, G. Widmer: Efficient large-scale audio tagging via transformer-to-CNN "
            "knowledge distillation. ICASSP 2023. https://arxiv.org/abs/2211.04772"
        ),
        licence="Apache-2.0; the weights MIT (https://github.com/fschmid56/EfficientAT)",
        pretraining=("ImageNet", "AudioSet"),
        deterministic=True,
    )

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="mn04")


class ByolSProbe(EmbeddingProbe):
    info = Info(
        name="byol-s-probe",
        version="1",
        title="BYOL-S, frozen, logistic regression",
        summary=(
            "512 values of a frozen convolutional encoder that learnt from speech without labels; the "
            "spectrogram of each clip is standardised by itself."
        ),
        paper=(
            "N. Scheidwasser-Clow, M. Kegler, P. Beckmann, M. Cernak: SERAB: a multi-lingual benchmark for "
            "speech emotion recognition. ICASSP 2022. https://arxiv.org/abs/2110.03414"
        ),
        licence="Apache-2.0; the weights MIT (https://github.com/Neclow/SERAB)",
        pretraining=("AudioSet (speech)",),
        deterministic=True,
    )

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="byol-s")
