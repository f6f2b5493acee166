"""Discriminant analysis on functionals: scikit-learn's and scipy's numbers, and what a row is."""

import numpy as np
import pytest
from scipy import special, stats
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from baselines import functionals_lda
from baselines.functionals_lda import FunctionalsLda, FunctionalsLda3x, FunctionalsLqda3x
from benchmark.cost import count, front_end_costs, measure
from benchmark.models import plugins
from protocols.contract import ClipBatch

CLASSES = 3
MODELS = {"functionals-lda": 30e6, "functionals-lda-3x": 90e6, "functionals-lqda-3x": 90e6}


def rows(n, d, *, seed=0, labels=None):
    """(n, d) float32 around a point for each class, and labels (n,), as many of each class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % CLASSES if labels is None else labels
    centres = np.random.default_rng(9).normal(size=(CLASSES, d))
    scales = np.random.default_rng(8).uniform(0.5, 2, size=d)
    return ((centres[labels] + rng.normal(size=(n, d))) * scales).astype(np.float32), labels


def fitted(model, train, **params):
    made = model(CLASSES, seed=0, **{**model.defaults, **params})
    made.fit(train)
    return made


@pytest.mark.parametrize(("n", "d"), [(60, 8), (30, 80)], ids=["more rows", "more functionals"])
@pytest.mark.parametrize("ridge", [0.1, 1.0, 5.0])
def test_linear_discriminants_are_scikit_learns(n, d, ridge):
    """It mixes covariance and sphere, (1 - s) C + s tr(C) / d I; ours adds to C: up to a factor the same."""
    z, labels = rows(n, d)
    own = ridge * d / min(n, d)
    theirs = LinearDiscriminantAnalysis(
        solver="lsqr", shrinkage=own / (1 + own), priors=np.full(CLASSES, 1 / CLASSES)
    ).fit(z, labels)
    ours = functionals_lda.linear(z, labels, ridge=ridge)
    weights = ours["weights"] * (1 + own)
    centred, expected = (each - each.mean(axis=0) for each in (weights, theirs.coef_))
    np.testing.assert_allclose(centred, expected, rtol=1e-3, atol=1e-3)
    scores = z @ ours["weights"].T + ours["bias"]
    np.testing.assert_array_equal(scores.argmax(axis=1), theirs.predict(z))


def test_quadratic_discriminants_are_normal_densities():
    """Of the whitened components, each class with its own mean and shrunk covariance."""
    z, labels = rows(90, 6)
    z -= z.mean(axis=0)
    found = functionals_lda.quadratic(z, labels, components=4, shrinkage=0.6)
    x = z @ found["directions"].T
    np.testing.assert_allclose(np.cov(x.T), np.eye(4), atol=1e-4)
    whitened = (x @ found["whitening"].T + found["centres"]).reshape(90, CLASSES, 4)
    ours = found["offsets"] - (whitened**2).sum(axis=2) / 2
    for label in range(CLASSES):
        own = x[labels == label]
        covariance = 0.4 * np.cov(own.T, bias=True) + 0.6 * np.eye(4)
        theirs = stats.multivariate_normal(own.mean(axis=0), covariance).logpdf(x)
        np.testing.assert_allclose(ours[:, label] - 2 * np.log(2 * np.pi), theirs, rtol=1e-4, atol=1e-4)


def test_each_speed_and_each_copy_is_a_row():
    x, labels = rows(24, 5, labels=np.repeat(np.arange(6) % CLASSES, 4))
    clips = x.reshape(6, 2, 2, 5)  # clip, itself or its copy, speed, functional
    together = ClipBatch(list(clips[:, 0]), labels[::4], copies=(list(clips[:, 1]),))
    apart = ClipBatch(x[:, None], labels)
    ours, theirs = (fitted(FunctionalsLda, train).predict_proba(apart) for train in (together, apart))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


@pytest.mark.parametrize("model", [FunctionalsLda3x, FunctionalsLqda3x])
def test_a_clip_has_the_mean_over_its_speeds(model):
    x, labels = rows(60, 5)
    made = fitted(model, ClipBatch(x[:, None], labels), components=4)
    three = made.predict_proba(ClipBatch([x[:3], x[3:6]]))
    each = made.predict_proba(ClipBatch(x[:6, None]))
    np.testing.assert_allclose(three, each.reshape(2, 3, CLASSES).mean(axis=1), atol=1e-6)


def test_the_two_discriminants_count_half_each():
    x, labels = rows(60, 5)
    clips = ClipBatch(x[:, None], labels)
    both = fitted(FunctionalsLqda3x, clips, components=4, temperature=2.0)
    z = (x - both.arrays["mean"]) / both.arrays["std"]
    own = functionals_lda.quadratic(z, labels, components=4, shrinkage=0.7)
    whitened = (z @ own["directions"].T @ own["whitening"].T + own["centres"]).reshape(60, CLASSES, 4)
    quadratic = special.softmax((own["offsets"] - (whitened**2).sum(axis=2) / 2) / 2.0, axis=1)
    linear = fitted(FunctionalsLda3x, clips).predict_proba(clips)
    np.testing.assert_allclose(both.predict_proba(clips), (linear + quadratic) / 2, atol=1e-5)


def test_few_rows_cost_as_much_as_many():
    """What a prediction costs is counted on a model that was fitted on a few clips of noise."""
    x, labels = rows(9, 30)
    few = fitted(FunctionalsLqda3x, ClipBatch(x[:, None], labels), components=20)
    assert few.arrays["directions"].shape == (20, 30)
    assert np.isfinite(few.predict_proba(ClipBatch(x[:, None]))).all()
    counted = count.total(count.count(lambda: few.predict_proba(ClipBatch(x[:1, None]))))
    assert counted == 30 * CLASSES + 30 * 20 + CLASSES * 20 * 20


def test_a_kept_model_predicts_the_same():
    x, labels = rows(30, 5)
    clips = ClipBatch(x[:, None], labels)
    one = fitted(FunctionalsLda, clips)
    other = FunctionalsLda(CLASSES, seed=1, **FunctionalsLda.defaults)
    other.load_state(one.state())
    np.testing.assert_array_equal(one.predict_proba(clips), other.predict_proba(clips))
    assert one.parameters == other.parameters == 2 * 5 + CLASSES * 6


@pytest.mark.parametrize("name", MODELS)
def test_it_costs_little(name):
    plugin = plugins.load(name)
    cost = measure.of(plugin, measure.untrained(plugin)).counts
    official = next(found for found in cost if found.seconds == 3.0)
    assert official.front_end == front_end_costs.macs(plugin.features, 48_000)
    assert official.model["linear"] < 4e6
    assert official.front_end + official.model["linear"] < MODELS[name]
