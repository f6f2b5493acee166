"""Estimators of scikit-learn (`protocols.contract.SklearnModel`)."""

from __future__ import annotations

from typing import Any

from benchmark.features.stack import Stack
from benchmark.models.backends import estimator_costs
from benchmark.models.backends.backend import Backend, Checking
from benchmark.models.enrolled import Enrolled
from protocols.contract import Declaration, Model, SklearnModel
from protocols.errors import PluginError

NOISE = 400  # clips that an estimator is fitted on where only its cost is asked for


class Sklearn(Backend):
    """An estimator costs what its fitted arrays say, and its state is read by the version that wrote it."""

    # An estimator without random_state draws, even if chance does not matter (SVC); if it does, the rule
    # `seed` finds it.
    checking = Checking(may_change=("numpy's global random state, by drawing from it",))
    counted_by = "fitted shapes"
    imports = ("sklearn.pipeline", "sklearn.linear_model")
    other_seeds = "search anew"
    state_libraries = ("scikit-learn",)  # which promises nothing about another version's estimators

    def check(self, model: type[Declaration], features: Stack, reference: str) -> None:
        super().check(model, features, reference)
        if features[0].copies:
            raise PluginError(f"{reference}: a SklearnModel is fitted on the clips as they are: no `copies`.")

    def weights(self, model: Model) -> int | None:
        return estimator_costs.weights(model.fitted)  # type: ignore[attr-defined]

    def macs(self, model: Model) -> dict[str, int] | None:
        """None also where the class predicts in its own way, which the shapes do not show."""
        fitted = self.estimator(model.model if isinstance(model, Enrolled) else model)  # to normalise is free
        try:
            return None if fitted is None else {"linear": estimator_costs.macs(fitted)}
        except LookupError:
            return None

    def estimator(self, model: Model) -> Any:
        """None where the class predicts in its own way."""
        own = type(model).predict_proba is not SklearnModel.predict_proba
        return None if own else model.fitted  # type: ignore[attr-defined]

    def _noise_clips(self, n_classes: int) -> int:  # noqa: ARG002
        """How many support vectors an SVM has depends on what it is fitted on; on noise it has the most."""
        return NOISE
