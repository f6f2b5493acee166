"""eGeMAPS and a support vector machine: the standard that a paper's model should be held against."""

from __future__ import annotations

from typing import Any

import optuna
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from protocols.contract import Features, Info, Params, SklearnModel


class EgemapsSvm(SklearnModel):
    info = Info(
        name="egemaps-svm",
        version="1",
        title="eGeMAPS, support vector machine",
        summary="88 openSMILE functionals (eGeMAPS v02) and a support vector machine with an RBF kernel.",
        paper=(
            "F. Eyben et al.: The Geneva Minimalistic Acoustic Parameter Set (GeMAPS) for Voice Research and "
            "Affective Computing. IEEE Transactions on Affective Computing 7(2), 2016. "
            "https://doi.org/10.1109/TAFFC.2015.2457417"
        ),
        licence="Apache-2.0; openSMILE, which it needs, is for research only",
        deterministic=True,
        cheap=True,
        extra="egemaps",
    )
    defaults = {"C": 1.0, "gamma": 1 / 88}

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="egemaps")

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {
            "C": trial.suggest_float("C", 1e-2, 1e3, log=True),
            "gamma": trial.suggest_float("gamma", 1e-5, 1e-1, log=True),
        }

    @staticmethod
    def estimator(params: Params, *, seed: int) -> Any:  # noqa: ARG004
        svm = SVC(
            C=params["C"], gamma=params["gamma"], class_weight="balanced", decision_function_shape="ovr"
        )
        return make_pipeline(StandardScaler(), svm)
