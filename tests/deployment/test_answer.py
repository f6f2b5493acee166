"""From logits or an estimator to calibrated probabilities."""

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.deployment import answer
from benchmark.models import backends
from benchmark.models.backends.discriminants import Discriminants
from benchmark.scores import calibration
from protocols.contract import ClipBatch
from protocols.errors import PluginError

CALIBRATED = {"classes": 3, "temperature": 2.5}
RNG = np.random.default_rng(0)


class Logits(nn.Module):
    def forward(self, x, lengths):  # noqa: ARG002
        return x[:, 0]


def plugin_of(estimator=None, kind="Sklearn"):
    backend = backends.by_name(kind)
    return SimpleNamespace(
        backend=SimpleNamespace(estimator=lambda _: estimator, onnx_network=backend.onnx_network)
    )


@pytest.mark.parametrize("scale", [1, 100])  # at 100 a probability falls below what counts
def test_a_temperature_is_the_engines(scale):
    x = torch.from_numpy(RNG.normal(scale=scale, size=(4, 1, 3)))
    given = answer.Calibrated(Logits(), 2.5)(x, torch.ones(4))
    np.testing.assert_allclose(given, calibration.calibrated(x[:, 0].softmax(dim=1).numpy(), 2.5))


def test_discriminants_are_those_of_their_model():
    from baselines.functionals_lda import FunctionalsLda

    model = FunctionalsLda(4, seed=0, ridge=1.0)
    train = [RNG.normal(loc=label, size=(2, 5)).astype(np.float32) for label in (0, 1, 3) * 4]
    model.fit(ClipBatch(train, labels=np.array([0, 1, 3] * 4)))  # a class is lacking
    x, lengths = map(torch.from_numpy, ClipBatch(train).batch())
    network = backends.PLAIN.onnx_network(model, "mine")
    assert isinstance(network, Discriminants)
    given = network(x, lengths).softmax(dim=1).detach().numpy()
    np.testing.assert_allclose(given, model.predict_proba(ClipBatch(train)), atol=1e-6)


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (SimpleNamespace(classes_=[0, 1, 2]), "gives margins and no probabilities"),
        (SimpleNamespace(classes_=[0, 2], predict_proba=None), "lack an emotion"),
    ],
)
def test_an_estimator_that_is_not_exported_says_why(estimator, message):
    pytest.importorskip("skl2onnx")
    clip = ClipBatch([np.zeros((1, 4), np.float32)])
    with pytest.raises(PluginError, match=message):
        answer.of(plugin_of(estimator), None, clip, **CALIBRATED)


def test_an_estimator_answers_alike():
    pytest.importorskip("skl2onnx")
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    from benchmark.cost import graph

    x = RNG.normal(size=(60, 2, 4)).astype(np.float32)
    labels = np.arange(60) % 3
    x[:, 0] += labels[:, None]
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(x.reshape(60, -1), labels)
    made = answer.of(plugin_of(estimator), None, ClipBatch(list(x[:1])), **CALIBRATED)
    session = graph.session(made.SerializeToString())
    given = np.concatenate([session.run(None, {"x": clip[None]})[0] for clip in x])
    expected = calibration.calibrated(estimator.predict_proba(x.reshape(60, -1)), 2.5)
    np.testing.assert_allclose(given, expected, atol=1e-5)
