"""ComParE and a linear support vector machine: what the Interspeech challenges measured others against."""

from __future__ import annotations

from typing import Any

import optuna
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from protocols.contract import Features, Info, Params, SklearnModel


class CompareSvm(SklearnModel):
    info = Info(
        name="compare-svm",
        version="1",
        title="ComParE, linear support vector machine",
        summary="6373 openSMILE functionals (ComParE 2016) and a linear support vector machine.",
        paper=(
            "B. Schuller et al.: The INTERSPEECH 2016 Computational Paralinguistics Challenge: Deception, "
            "Sincerity & Native Language. Interspeech 2016. https://doi.org/10.21437/Interspeech.2016-129"
        ),
        licence="Apache-2.0; openSMILE, which it needs, is for research only",
        deterministic=True,
        extra="egemaps",
    )
    defaults = {"C": 1e-3}

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="compare")

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {"C": trial.suggest_float("C", 1e-6, 1e0, log=True)}

    @staticmethod
    def estimator(params: Params, *, seed: int) -> Any:  # noqa: ARG004
        svm = SVC(kernel="linear", C=params["C"], class_weight="balanced", decision_function_shape="ovr")
        return make_pipeline(StandardScaler(), svm)
