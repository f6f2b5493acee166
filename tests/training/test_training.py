"""A fit that stops on the way and goes on in a model of its own is the one that went through."""

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.training.trainer import Trainer
from protocols.contract import Augmentation, ClipBatch, Info, Recipe, TorchModel

EPOCHS = 6


class Small(nn.Module):
    """A layer of each kind that remembers or draws."""

    def __init__(self, channels, n_classes):
        super().__init__()
        self.inner = nn.Linear(channels, 8)
        self.norm = nn.BatchNorm1d(8)
        self.drop = nn.Dropout(0.3)
        self.out = nn.Linear(8, n_classes)
        self.unused = nn.Linear(2, 2)  # which the optimiser leaves alone

    def forward(self, x, lengths):
        mean = x.sum(1) / lengths[:, None]
        return self.out(self.drop(self.norm(torch.relu(self.inner(mean)))))


def plugin(**fields):
    class Plugin(TorchModel):
        info = Info(name="small", version="1", title="S", summary="S", licence="MIT")

        @staticmethod
        def build(n_classes, channels, params):  # noqa: ARG004
            return Small(channels, n_classes)

        @staticmethod
        def recipe(params):  # noqa: ARG004
            return Recipe(epochs=EPOCHS, batch_size=8, **fields)

    return Plugin


def clips(n, seed):
    rng = np.random.default_rng(seed)
    labels = np.arange(n) % 3
    arrays = [rng.normal(label, 1, size=(rng.integers(5, 9), 4)).astype(np.float32) for label in labels]
    copies = [[clip + 0.1 for clip in arrays]]
    return ClipBatch(arrays, labels, np.zeros(n, dtype=int), copies=copies)


TRAIN, VALIDATION = clips(30, seed=0), clips(12, seed=1)
RECIPES = {
    "cosine": {"schedule": "cosine", "optimiser": "adamw", "weight_decay": 0.1},
    "one-cycle": {"schedule": "one-cycle"},
    "constant": {"schedule": "constant", "clip_norm": 1.0},
    "every copy, averaged": {"copies": "all", "ema": 0.7},
    "augmented": {"augmentation": (Augmentation("time-mask", 0.1, 0.5),), "mixup": 0.4},
}


def begun(recipe):
    trainer = Trainer(plugin(**RECIPES[recipe]), 3, seed=5, device="cpu", params={})
    return trainer, trainer.begin(TRAIN)


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("stops", [[1], [2, 3], [1, 2, 3, 4, 5]])
def test_it_stops_and_goes_on(recipe, stops):
    whole, through = begun(recipe)
    through.advance(EPOCHS, VALIDATION)
    state, reached, predictions, losses = {}, 0, [], []
    for until in [*stops, EPOCHS]:
        torch.manual_seed(until)  # whatever another process has drawn
        model, training = begun(recipe)
        if reached:
            training.resume(state, epoch=reached)
        training.advance(until, VALIDATION)
        state, reached = training.state(), until
        predictions += training.predictions
        losses += training.curves["train loss"]
    np.testing.assert_array_equal(predictions, through.predictions)
    assert losses == through.curves["train loss"]
    for name, value in whole.state().items():
        np.testing.assert_array_equal(model.state()[name], value)


def test_a_fit_is_its_training_to_the_end():
    _, through = begun("cosine")
    through.advance(EPOCHS, VALIDATION)
    other = Trainer(plugin(**RECIPES["cosine"]), 3, seed=5, device="cpu", params={})
    info = other.fit(TRAIN, VALIDATION)
    assert info == through.info
    np.testing.assert_array_equal(info.probabilities, through.info.probabilities)
    assert info.epochs == EPOCHS


def test_the_seed_decides():
    _, one = begun("cosine")
    other = Trainer(plugin(**RECIPES["cosine"]), 3, seed=6, device="cpu", params={}).begin(TRAIN)
    for training in (one, other):
        training.advance(1, VALIDATION)
    assert one.curves != other.curves
