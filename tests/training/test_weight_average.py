"""A network that predicts with the average of its epochs."""

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.training import weight_average
from benchmark.training.trainer import Trainer
from protocols.contract import ClipBatch, Info, Recipe, TorchModel

EPOCHS = 3


class Averaging(TorchModel):
    info = Info(name="averaging", version="1", title="", summary="")

    @staticmethod
    def build(n_classes, channels, params):  # noqa: ARG004
        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.norm, self.head = nn.BatchNorm1d(channels), nn.Linear(channels, n_classes)

            def forward(self, x, lengths):
                return self.head(self.norm(x.sum(1) / lengths[:, None]))

        return Network()

    @staticmethod
    def recipe(params):
        return Recipe(epochs=EPOCHS, batch_size=4, learning_rate=0.1, ema=params["ema"])


def given(n=12):
    rng = np.random.default_rng(0)
    return ClipBatch([rng.normal(size=(5, 4)).astype(np.float32) for _ in range(n)], np.arange(n) % 3)


def trained(ema):
    """The model, and the weights that its training had after each epoch."""
    trainer = Trainer(Averaging, 3, seed=2, device="cpu", params={"ema": ema})
    training, raw = trainer.begin(given()), []
    for epoch in range(1, EPOCHS + 1):
        training.advance(epoch, given())
        raw.append({name: value.numpy().copy() for name, value in training.network.state_dict().items()})
    return trainer, training, raw


@pytest.mark.parametrize(("epoch", "wanted"), [(1, 1.0), (2, 1 / 1.9), (3, 1 / 2.71)])
def test_an_epochs_share(epoch, wanted):
    """Of 1, 1 + 0.9, 1 + 0.9 + 0.81 in all."""
    assert weight_average.share(0.9, epoch) == pytest.approx(wanted)
    assert weight_average.share(0.0, epoch) == 1


def test_a_model_is_the_weighted_mean_of_its_epochs():
    trainer, training, raw = trained(0.5)
    weights = np.array([0.25, 0.5, 1.0]) / 1.75
    for name, value in trainer.state().items():
        wanted = np.tensordot(weights, np.stack([each[name] for each in raw]), 1)
        if name.endswith("num_batches_tracked"):
            wanted = raw[-1][name]
        np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1e-6, err_msg=name)
    np.testing.assert_allclose(training.predictions[-1], trainer.predict_proba(given()), atol=1e-6)


def test_training_goes_on_with_the_weights_themselves():
    """So they are those of a fit without an average, and what it predicts at first is the same."""
    (_, averaging, averaged), (_, plain, raw) = trained(0.5), trained(0.0)
    for name, value in raw[-1].items():
        np.testing.assert_array_equal(averaged[-1][name], value)
    np.testing.assert_array_equal(averaging.predictions[0], plain.predictions[0])
    assert np.abs(averaging.predictions[-1] - plain.predictions[-1]).max() > 1e-3


def test_a_kept_average_predicts_the_same():
    trainer, _, _ = trained(0.5)
    other = Trainer(Averaging, 3, seed=9, device="cpu", params={"ema": 0.5})
    other.load_state(trainer.state())
    assert torch.equal(*(torch.from_numpy(each.predict_proba(given())) for each in (trainer, other)))
