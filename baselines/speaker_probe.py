"""Logistic regression on a speaker encoder's embedding: how much of an emotion sits in "who is speaking".

The encoder learnt to tell voices apart, whatever they say and feel: what it keeps of an emotion, it keeps by
accident.
"""

from __future__ import annotations

from typing import Any

import optuna
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from protocols.contract import Features, Info, Params, SklearnModel


class SpeakerProbe(SklearnModel):
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
    defaults = {"C": 1.0}

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="speaker")

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {"C": trial.suggest_float("C", 1e-4, 1e2, log=True)}

    @staticmethod
    def estimator(params: Params, *, seed: int) -> Any:  # noqa: ARG004
        return make_pipeline(
            StandardScaler(), LogisticRegression(C=params["C"], class_weight="balanced", max_iter=2000)
        )
