"""ComParE and linear discriminant analysis, shrunk hard: more functionals than clips, and seconds to fit."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from protocols.contract import ClipBatch, Features, FitInfo, Info, Params, SklearnModel


class CompareLda(SklearnModel):
    """All principal components are kept: they hold the train clips whole, in far fewer dimensions."""

    info = Info(
        name="compare-lda",
        version="1",
        title="ComParE, linear discriminant analysis",
        summary="6373 openSMILE functionals (ComParE 2016); within-class covariance shrunk to a sphere.",
        paper=(
            "J. H. Friedman: Regularized Discriminant Analysis. Journal of the American Statistical "
            "Association 84(405), 1989. https://doi.org/10.1080/01621459.1989.10478752"
        ),
        licence="Apache-2.0; openSMILE, which it needs, is for research only",
        deterministic=True,
        extra="egemaps",
    )
    defaults = {"shrinkage": 0.5}

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="compare")

    @staticmethod
    def space(trial: optuna.trial.BaseTrial) -> dict[str, Any]:
        return {"shrinkage": trial.suggest_float("shrinkage", 0.02, 0.98)}

    @staticmethod
    def estimator(params: Params, *, seed: int) -> Any:  # noqa: ARG004
        lda = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=params["shrinkage"])
        return make_pipeline(StandardScaler(), PCA(svd_solver="full"), lda)

    def fit(self, train: ClipBatch, *args: Any, **kwargs: Any) -> FitInfo:
        """With every class as likely as any other, as UAR has it."""
        assert train.labels is not None
        classes = len(np.unique(train.labels))
        self.fitted.set_params(lineardiscriminantanalysis__priors=np.full(classes, 1 / classes))
        return super().fit(train, *args, **kwargs)
