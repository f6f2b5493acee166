"""Nearest class mean: the simplest model that listens."""

from __future__ import annotations

from typing import Any

from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from protocols.contract import Features, Info, Params, SklearnModel


class NearestMean(SklearnModel):
    info = Info(
        name="nearest-mean",
        version="1",
        title="MFCC statistics, nearest class mean",
        summary="Mean and deviation of 20 MFCCs over a clip; the class whose mean is nearest.",
        licence="Apache-2.0",
        deterministic=True,
        cheap=True,
    )

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="mfcc", functionals=("mean", "std"))

    @staticmethod
    def estimator(params: Params, *, seed: int) -> Any:  # noqa: ARG004
        return make_pipeline(StandardScaler(), NearestCentroid(priors="uniform"))
