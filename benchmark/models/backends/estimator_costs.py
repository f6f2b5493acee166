"""What a fitted scikit-learn estimator costs for one clip: MACs by its fitted shapes.

By the same policy as a network's: products count; scaling each feature, selecting, comparing and averaging
do not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np


def _linear(estimator: Any) -> int:
    return int(estimator.coef_.size)


def _svc(estimator: Any) -> int:
    """Each support vector's kernel takes a product or a distance, then each pair of classes weighs them."""
    classes = len(estimator.classes_)
    pairs = estimator.support_vectors_.shape[0] * (classes - 1)
    return int(estimator.support_vectors_.size + pairs)


def _distances(estimator: Any) -> int:
    """To each class's mean, one MAC a feature."""
    means = estimator.centroids_ if hasattr(estimator, "centroids_") else estimator.theta_
    return int(means.size)


def _perceptron(estimator: Any) -> int:
    return sum(weights.size for weights in estimator.coefs_)


def _neighbours(estimator: Any) -> int:
    return int(estimator.n_samples_fit_ * estimator.n_features_in_)


def _projection(estimator: Any) -> int:
    return int(estimator.components_.size)


def _discriminant(estimator: Any) -> int:
    return int(sum(rotation.size for rotation in estimator.rotations_))


def _ensemble(estimator: Any) -> int:
    return sum(macs(member) for member in estimator.estimators_)


def _steps(estimator: Any) -> int:
    return sum(macs(step) for _, step in estimator.steps if step not in (None, "passthrough"))


def _best(estimator: Any) -> int:
    return macs(estimator.best_estimator_)


def _nothing(estimator: Any) -> int:  # noqa: ARG001
    return 0


KNOWN: dict[str, Callable[[Any], int]] = {
    name: formula
    for formula, names in {
        _linear: """LogisticRegression LogisticRegressionCV LinearSVC RidgeClassifier RidgeClassifierCV
        SGDClassifier Perceptron PassiveAggressiveClassifier LinearDiscriminantAnalysis""",
        _svc: "SVC NuSVC",
        _distances: "NearestCentroid GaussianNB",
        _perceptron: "MLPClassifier",
        _neighbours: "KNeighborsClassifier",
        _projection: "PCA TruncatedSVD FastICA IncrementalPCA",
        _discriminant: "QuadraticDiscriminantAnalysis",
        _ensemble: "BaggingClassifier VotingClassifier OneVsRestClassifier OneVsOneClassifier",
        _steps: "Pipeline",
        _best: "GridSearchCV RandomizedSearchCV HalvingGridSearchCV",
        _nothing: """DummyClassifier StandardScaler MinMaxScaler MaxAbsScaler RobustScaler Normalizer
        QuantileTransformer PowerTransformer SimpleImputer SelectKBest SelectPercentile VarianceThreshold
        SelectFromModel DecisionTreeClassifier RandomForestClassifier ExtraTreesClassifier
        GradientBoostingClassifier HistGradientBoostingClassifier""",
    }.items()
    for name in names.split()
}


def macs(estimator: Any) -> int:
    """Of one clip's prediction; LookupError, naming the estimator, where its kind is not known."""
    if not _from_sklearn(estimator) or type(estimator).__name__ not in KNOWN:
        raise LookupError(type(estimator).__name__)
    return KNOWN[type(estimator).__name__](estimator)


def weights(fitted: Any) -> int:
    """Bytes of the distinct arrays that a fitted estimator holds, but for an optimiser's."""
    return sum({_address(array): array.nbytes for array in _arrays(fitted)}.values())


def _arrays(fitted: Any) -> Iterator[np.ndarray]:
    if isinstance(fitted, np.ndarray) and fitted.dtype != object:
        yield fitted
    elif isinstance(fitted, list | tuple | np.ndarray):
        for member in np.ravel(fitted) if isinstance(fitted, np.ndarray) else fitted:
            yield from _arrays(member)
    elif type(fitted).__name__ == "Tree":
        yield from (part for part in fitted.__getstate__().values() if isinstance(part, np.ndarray))
    elif _from_sklearn(fitted):
        for name, member in getattr(fitted, "__dict__", {}).items():
            if name != "_optimizer":
                yield from _arrays(member)


def _address(array: np.ndarray) -> tuple[int, int]:
    return array.__array_interface__["data"][0], array.nbytes


def _from_sklearn(fitted: Any) -> bool:
    return type(fitted).__module__.partition(".")[0] == "sklearn"
