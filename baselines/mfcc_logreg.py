"""MFCC statistics and logistic regression: what most introductions to the field build first."""

from __future__ import annotations

from typing import Any

import optuna
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from protocols.contract import Features, Info, Params, SklearnModel


class MfccLogReg(SklearnModel):
    info = Info(
        name="mfcc-logreg",
        version="1",
        title="MFCC statistics, logistic regression",
        summary="Mean, deviation, least and greatest value of 20 MFCCs and their deltas over a clip.",
        licence="Apache-2.0",
        deterministic=True,
        enrolment="normalise",
        cheap=True,
    )
    defaults = {"C": 1.0}

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(
            front_end="mfcc", options={"deltas": 1}, functionals=("mean", "std", "min", "max")
        )  # 4 x 40 values a clip

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {"C": trial.suggest_float("C", 1e-4, 1e2, log=True)}

    @staticmethod
    def estimator(params: Params, *, seed: int) -> Any:  # noqa: ARG004
        return make_pipeline(
            StandardScaler(), LogisticRegression(C=params["C"], class_weight="balanced", max_iter=2000)
        )
