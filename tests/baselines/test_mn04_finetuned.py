"""A network behind mn04, which begins with its published weights and is trained along."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from baselines.mn04_finetuned import Mn04Finetuned
from benchmark.cost import measure
from benchmark.features import encoders, mobilenet, stack, weights_file
from benchmark.features.front_ends import mn04, mn04_trained
from benchmark.models import backends, declaration, plugins
from benchmark.models.plugins import Plugin
from protocols.contract import ClipBatch, Features, SklearnModel
from protocols.errors import PluginError, WeightsError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")
PLUGIN = Plugin("mn04-finetuned", Mn04Finetuned, source="", package="")


@pytest.fixture(autouse=True)
def weights(tmp_path, monkeypatch):
    """A folder of weights with made-up ones of mn04."""
    torch.manual_seed(0)
    file = tmp_path / mn04.FILE
    torch.save(mobilenet.Embedding().state_dict(), file)
    monkeypatch.setenv(weights_file.VARIABLE, str(tmp_path))
    monkeypatch.setattr(mn04, "SHA256", weights_file.sha256(file))
    return file


def model(seed=0) -> Any:
    return backends.make(PLUGIN, 4, seed=seed, device="cpu", params=dict(PLUGIN.model.defaults))


def noise(n=6):
    waves = np.random.default_rng(0).normal(0, 0.1, size=(n, 8000)).astype(np.float32)
    return ClipBatch([stack.compute(PLUGIN.features, wave) for wave in waves], np.arange(n) % 4)


@pytest.mark.parametrize("seconds", [1.0, 3.0, 5.0])
def test_a_clip_is_brought_to_three_seconds_before_it_is_an_image(seconds):
    wave = measure.speech(seconds)
    fitted = wave[16_000:64_000] if seconds > 3 else np.pad(wave, (0, 48_000 - len(wave)))
    image = mn04_trained.make(3.0)(wave)
    assert image.shape == (mn04_trained.fixed(3.0), 128)
    np.testing.assert_array_equal(image.T, mn04.image(fitted))


def test_before_training_the_embedding_is_the_frozen_encoders():
    wave = measure.speech(3.0)
    built = model()
    built.build(128)
    first = built.network.network.encoder.eval()
    with torch.inference_mode():
        embedding = first(torch.from_numpy(mn04_trained.make(3.0)(wave)).T[None, None])
    np.testing.assert_allclose(embedding, encoders.front_end(mn04.ENCODER)(wave), atol=1e-5)


def test_all_of_it_is_trained_and_it_loads_what_it_has_become(weights):
    fitted, clips = model(), noise()
    fitted.fit(clips, epochs=1)
    before, after = torch.load(weights, weights_only=True), fitted.state()
    assert before
    for name, tensor in before.items():
        assert not np.array_equal(after[f"network.encoder.{name}"], tensor.numpy()), name
    other = model(seed=1)
    other.load_state(after)
    np.testing.assert_array_equal(other.predict_proba(clips), fitted.predict_proba(clips))


def test_the_encoders_numbers_count_once_and_its_macs_are_the_models():
    cost = measure.of(PLUGIN, measure.untrained(PLUGIN), lengths=(3.0,))
    assert cost.parameters == encoders.parameters(mn04.ENCODER) + 384 * measure.CLASSES + measure.CLASSES
    found = cost.official
    assert found.front_end == 301 * 257 * 128 + 301 * 1.25 * 512 * 9
    assert 33e6 < found.model["convolution"] < 34e6


def test_without_its_weights_it_does_not_begin(weights):
    weights.unlink()
    assert "Download https://github.com/fschmid56/EfficientAT" in PLUGIN.missing
    with pytest.raises(WeightsError, match="mn04: its weights are not here"):
        model().build(128)


class Stackable(Mn04Finetuned):
    info = replace(Mn04Finetuned.info, stackable=True)


class Standardised(Mn04Finetuned):
    @staticmethod
    def recipe(params):
        return replace(Mn04Finetuned.recipe(params), standardise=True)


class Estimator(SklearnModel):
    info, features = Mn04Finetuned.info, Mn04Finetuned.features


class Two(Mn04Finetuned):
    @staticmethod
    def features(params):  # noqa: ARG004
        return [Features(front_end="mn04-trained")] * 2


@pytest.mark.parametrize("refused", [Stackable, Standardised, Estimator, Two])
def test_such_a_front_end_is_one_networks_alone(refused):
    words = (
        "'mn04-trained' has a network that is trained along. It must be the only front end of a TorchModel"
    )
    with pytest.raises(PluginError, match=words):
        declaration.check(refused, "mn04-finetuned")


def test_it_is_installed_as_declared():
    assert plugins.load("mn04-finetuned").info.pretraining == ("ImageNet", "AudioSet")
