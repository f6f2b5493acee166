"""What fitted estimators cost and weigh, against counts by hand."""

import pytest
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from benchmark.models.backends import estimator_costs

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


X, Y = make_blobs(60, n_features=5, centers=3, cluster_std=9, random_state=0)


ESTIMATORS = {
    "nothing": (DummyClassifier(), lambda _: 0),
    "linear": (make_pipeline(StandardScaler(), LogisticRegression()), lambda _: 3 * 5),
    "support vectors": (SVC(), lambda svm: len(svm.support_) * (5 + 2)),
    "means": (NearestCentroid(), lambda _: 3 * 5),
    "neighbours": (KNeighborsClassifier(), lambda _: 60 * 5),
    "perceptron": (MLPClassifier((7, 4), max_iter=500, tol=1.0), lambda _: 5 * 7 + 7 * 4 + 4 * 3),
    "projected": (make_pipeline(PCA(2), LogisticRegression()), lambda _: 2 * 5 + 3 * 2),
    "several": (BaggingClassifier(LogisticRegression(), 4), lambda _: 4 * 3 * 5),
}


@pytest.mark.parametrize(("estimator", "known"), ESTIMATORS.values(), ids=ESTIMATORS)
def test_an_estimator_is_counted_by_its_fitted_shapes(estimator, known):
    fitted = estimator.fit(X, Y)
    assert estimator_costs.macs(fitted) == known(fitted)


def test_an_estimator_of_an_unknown_kind_is_named():
    class Own(LogisticRegression):
        pass

    with pytest.raises(LookupError, match="Own"):
        estimator_costs.macs(make_pipeline(StandardScaler(), Own()).fit(X, Y))


def test_an_array_under_two_names_and_an_optimiser_weigh_nothing():
    perceptron = MLPClassifier((7,), max_iter=500, tol=1.0).fit(X, Y)
    numbers = 5 * 7 + 7 + 7 * 3 + 3
    assert 8 * numbers <= estimator_costs.weights(perceptron) < 8 * numbers + 800
    svm = SVC().fit(X, Y)
    vectors = svm.support_vectors_.nbytes + svm.dual_coef_.nbytes
    assert vectors < estimator_costs.weights(svm) < 1.3 * vectors


def test_a_trees_nodes_weigh_something():
    forest = RandomForestClassifier(10, random_state=0).fit(X, Y)
    nodes = sum(tree.tree_.node_count for tree in forest)
    assert estimator_costs.weights(forest) > nodes * (64 + 3 * 8)  # a node, and its values


def test_an_estimators_bytes_are_those_of_its_arrays():
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    scaler, logistic = fitted[0], fitted[1]
    arrays = (scaler.mean_, scaler.var_, scaler.scale_, logistic.coef_, logistic.intercept_)
    others = (logistic.classes_, logistic.n_iter_)
    assert estimator_costs.weights(fitted) == sum(array.nbytes for array in (*arrays, *others))
