"""The floor: every clip gets the class frequencies of train. Its UAR is chance."""

from __future__ import annotations

from typing import Any

from sklearn.dummy import DummyClassifier

from protocols.contract import Features, Info, Params, SklearnModel


class Prior(SklearnModel):
    info = Info(
        name="prior",
        version="1",
        title="Class frequencies of train",
        summary="Does not listen. What any model must beat.",
        licence="Apache-2.0",
        deterministic=True,
        cheap=True,
    )

    @staticmethod
    def features(params: Params) -> Features:  # noqa: ARG004
        return Features(front_end="mfcc", functionals=("mean",))

    @staticmethod
    def estimator(params: Params, *, seed: int) -> Any:  # noqa: ARG004
        return DummyClassifier(strategy="prior")
