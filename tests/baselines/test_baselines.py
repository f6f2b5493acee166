"""The scikit-learn adapter, and what the simple models say on data where the answer is known."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.svm import SVC

from benchmark.models import backends, plugins
from protocols import registry
from protocols.contract import ClipBatch, SklearnModel

SIMPLE = [
    "prior",
    "nearest-mean",
    "mfcc-logreg",
    "egemaps-svm",
    "compare-lda",
    "functionals-lda",
    "functionals-lqda-3x",
]


def blobs(n, classes, *, seed, channels=6, labels=None):
    """ClipBatch of one frame; class k lies around its own point."""
    rng = np.random.default_rng(seed)
    centres = 4 * np.random.default_rng(7).normal(size=(classes, channels))
    labels = rng.permutation(np.arange(n) % classes) if labels is None else np.asarray(labels)
    x = (centres[labels] + rng.normal(size=(len(labels), channels))).astype(np.float32)
    return ClipBatch(x[:, None], labels)


def model(name, classes, seed=0):
    plugin = plugins.load(name)
    return backends.make(plugin, classes, seed=seed, device="cpu", params=dict(plugin.model.defaults))


@pytest.mark.parametrize("name", SIMPLE[1:])
def test_a_simple_model_learns_what_is_simple(name):
    fitted = model(name, 4)
    info = fitted.fit(blobs(80, 4, seed=1))
    test = blobs(60, 4, seed=2)
    said = fitted.predict_proba(ClipBatch(test.inputs))
    assert info.epochs is None
    assert said.shape == (60, 4)
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-6)
    assert (said.argmax(axis=1) == test.labels).mean() > 0.95


def test_prior_says_the_class_frequencies_of_train():
    fitted = model("prior", 3)
    fitted.fit(blobs(0, 3, seed=1, labels=[0, 0, 0, 1, 2, 2, 0, 2]))
    said = fitted.predict_proba(blobs(5, 3, seed=2))
    np.testing.assert_allclose(said, np.tile([4 / 8, 1 / 8, 3 / 8], (5, 1)))


def test_lda_takes_a_rare_class_for_as_likely_as_a_frequent_one():
    fitted = model("compare-lda", 2)
    train = blobs(0, 2, seed=1, labels=[0] * 40 + [1] * 4)
    fitted.fit(train)
    x = np.stack(train.inputs)
    midway = (x[train.labels == 0].mean(axis=0) + x[train.labels == 1].mean(axis=0)) / 2
    np.testing.assert_allclose(fitted.predict_proba(ClipBatch(midway[None])), [[0.5, 0.5]], atol=1e-3)


@pytest.mark.parametrize("name", SIMPLE)
def test_a_class_that_train_lacks_gets_0(name):
    fitted = model(name, 5)
    fitted.fit(blobs(0, 5, seed=1, labels=[0, 1, 3, 4] * 6))
    said = fitted.predict_proba(blobs(20, 5, seed=2))
    assert said.shape == (20, 5)
    assert (said[:, 2] == 0).all()
    np.testing.assert_allclose(said.sum(axis=1), 1, atol=1e-6)


class Margin(SklearnModel):
    @staticmethod
    def estimator(params, *, seed):  # noqa: ARG004
        return SVC(kernel="linear", C=params["C"])


@pytest.mark.parametrize("classes", [(0, 1), (1, 3)])
def test_two_classes_have_one_margin(classes):
    fitted = Margin(4, seed=0, C=1.0)
    train = blobs(0, 4, seed=1, labels=list(classes) * 8)
    fitted.fit(train)
    test = blobs(0, 4, seed=2, labels=list(classes) * 5)
    said = fitted.predict_proba(ClipBatch(test.inputs))
    margin = fitted.fitted.decision_function(test.inputs[:, 0])
    np.testing.assert_allclose(said[:, classes[1]], 1 / (1 + np.exp(-margin)))
    np.testing.assert_allclose(said[:, classes[0]], 1 / (1 + np.exp(margin)))
    np.testing.assert_array_equal(said.argmax(axis=1), test.labels)


def test_several_margins_become_a_softmax():
    fitted = Margin(3, seed=0, C=1.0)
    fitted.fit(blobs(30, 3, seed=1))
    test = blobs(12, 3, seed=2)
    margins = fitted.fitted.decision_function(test.inputs[:, 0])
    e = np.exp(margins)
    np.testing.assert_allclose(fitted.predict_proba(test), e / e.sum(axis=1, keepdims=True))


class Probable(SklearnModel):
    @staticmethod
    def estimator(params, *, seed):  # noqa: ARG004
        return LogisticRegression()


def test_frames_are_flattened_and_probabilities_passed_on():
    rng = np.random.default_rng(0)
    clips = ClipBatch(rng.normal(size=(12, 5, 2)).astype(np.float32), np.arange(12) % 3, None, 5)
    fitted = Probable(3, seed=0)
    fitted.fit(clips)
    assert fitted.fitted.n_features_in_ == 10
    np.testing.assert_array_equal(
        fitted.predict_proba(clips), fitted.fitted.predict_proba(np.stack(clips.inputs).reshape(12, 10))
    )


@pytest.mark.parametrize("name", SIMPLE)
def test_what_calls_itself_deterministic_is(name):
    def said(seed):
        fitted = model(name, 4, seed)
        fitted.fit(blobs(40, 4, seed=1))
        return fitted.predict_proba(blobs(40, 4, seed=2))

    assert plugins.load(name).info.deterministic
    np.testing.assert_array_equal(said(0), said(123))


def test_every_installed_model_declares_all_that_is_shown():
    for name in registry.names("models"):
        plugin = plugins.load(name)
        assert plugin.info.title
        assert plugin.info.summary.endswith(".")
        assert set(plugin.space()) <= set(plugin.model.defaults)
        for searched, distribution in plugin.space().items():
            assert distribution._contains(distribution.to_internal_repr(plugin.model.defaults[searched]))
