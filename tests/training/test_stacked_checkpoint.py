"""A fit goes on in a stack from where it stopped by itself, and the other way round."""

import numpy as np
import pytest
from separate_training import CLASSES, clips, fits, varied
from torch import nn

from benchmark.training.stack import Stack
from benchmark.training.trainer import Trainer
from protocols.contract import ClipBatch, Info, Recipe, TorchModel

pytestmark = pytest.mark.usefixtures("as_in_a_worker")
EPOCHS, STOP = 4, 2
RECIPES = (
    {"mixup": 0.3, "optimiser": "adam", "schedule": "one-cycle"},
    {"batch_size": 5, "clip_norm": 0.1},
    {"copies": "all", "ema": 0.8},
)


class Plain(TorchModel):
    """Weights, running statistics, and a layer that is not used; no dropout, whose bits are a stack's own."""

    info = Info(name="plain", version="1", title="", summary="")

    @staticmethod
    def build(n_classes, channels, params):  # noqa: ARG004
        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.norm, self.head = nn.BatchNorm1d(channels), nn.Linear(channels, n_classes)
                self.unused = nn.Linear(2, 2)

            def forward(self, x, lengths):
                return self.head(self.norm(x.sum(dim=1) / lengths[:, None]))

        return Network()

    @staticmethod
    def recipe(params):
        return Recipe(epochs=EPOCHS, batch_size=params["batch_size"], learning_rate=0.01)


GIVEN, PLUGIN = clips(12, 6), varied(Plain)
FITS = fits(PLUGIN, RECIPES, epochs=EPOCHS)


def alone(fit):
    train, validation = (
        ClipBatch(
            [GIVEN.inputs[row] for row in rows],
            GIVEN.labels[rows],
            frames=GIVEN.frames,
            copies=[[copy[row] for row in rows] for copy in GIVEN.copies],
        )
        for rows in (fit.train, fit.validation)
    )
    trainer = Trainer(PLUGIN, CLASSES, seed=fit.seed, device="cpu", params=fit.params)
    return trainer.begin(train, epochs=fit.epochs), validation


@pytest.fixture(scope="module")
def through():
    """Each fit by itself, and where it stood on the way."""
    found = []
    for fit in FITS:
        training, validation = alone(fit)
        training.advance(STOP, validation)
        state = {name: value.copy() for name, value in training.state().items()}
        training.advance(EPOCHS, validation)
        found.append((training, state))
    return found


def stacked(until):
    stack = Stack(PLUGIN, CLASSES, GIVEN, FITS)
    while stack.epoch < until:
        stack.train_epoch()
    return stack


def assert_same(found, wanted):
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        assert (found[name].dtype, found[name].shape) == (value.dtype, value.shape), name
        np.testing.assert_allclose(found[name], value, rtol=1e-4, atol=1e-5, err_msg=name)


def test_a_stack_stands_where_a_fit_by_itself_does(through):
    stack = stacked(STOP)
    for m, (_, state) in enumerate(through):
        assert_same(stack.checkpoint(m), state)
    assert not [name for name in stack.checkpoint(0) if name.startswith("exp_avg/network.unused")]


def test_a_stack_goes_on_with_fits_and_gives_what_they_would(through):
    stack = Stack(PLUGIN, CLASSES, GIVEN, FITS)
    stack.resume([state for _, state in through], epoch=STOP)
    stack.train()
    for m, (training, _) in enumerate(through):
        assert_same(stack.checkpoint(m), training.state())
        found, wanted = stack.info(m), training.info
        assert found.epochs == wanted.epochs == EPOCHS
        np.testing.assert_allclose(found.probabilities, wanted.probabilities[STOP:], atol=1e-5)
        for name, curve in wanted.curves.items():
            np.testing.assert_allclose(found.curves[name], curve[STOP:], atol=1e-5)


def test_a_fit_goes_on_with_a_stacks(through):
    stack = stacked(STOP)
    for m, (whole, _) in enumerate(through):
        training, validation = alone(FITS[m])
        training.resume(stack.checkpoint(m), epoch=STOP)
        training.advance(EPOCHS, validation)
        assert_same(training.state(), whole.state())
        np.testing.assert_allclose(training.predictions, whole.predictions[STOP:], atol=1e-5)
