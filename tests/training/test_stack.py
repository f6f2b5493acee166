"""A stack of networks against the same networks trained one after another, by PyTorch's own means."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from separate_training import CLASSES, RECIPES, Alone, assert_equal, clips, fits, varied
from torch import nn

from baselines.attention_cnn import AttentionCnn, AttentionCnnPublished
from baselines.compare_mlp import CompareMlp
from baselines.ds_cnn import DsCnn
from baselines.eca_cnn import EcaCnn
from baselines.gru_attention import GruAttention
from baselines.light_sernet import LightSernet, LightSernetPublished
from baselines.small_cnn import SmallCnn
from baselines.tim_net import TimNet
from baselines.vit import VitStudentAlone, VitTeacher
from benchmark.training.stack import Stack
from benchmark.training.trainer import Trainer
from protocols.contract import Augmentation, ClipBatch, Info, Recipe, TorchModel

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


class Melody(TorchModel):
    """As the example of a plugin has it: PyTorch's own recurrent layer, and a Sequential of its own."""

    info = Info(name="melody", version="1", title="", summary="")

    @staticmethod
    def layer(channels):
        return nn.GRU(channels, 5, batch_first=True)

    @classmethod
    def build(cls, n_classes, channels, params):  # noqa: ARG003
        class Recurrent(nn.Sequential):
            def forward(self, x, lengths):  # type: ignore[override]  # noqa: ARG002
                states, _ = self[0](x)
                return self[1](states.mean(dim=1))

        layer = cls.layer(channels)
        return Recurrent(layer, nn.Linear(layer.hidden_size * (1 + layer.bidirectional), n_classes))

    @staticmethod
    def recipe(params):
        return Recipe(epochs=2, batch_size=params["batch_size"], learning_rate=params["learning_rate"])


class Lstm(Melody):
    @staticmethod
    def layer(channels):
        return nn.LSTM(channels, 4, 2, bidirectional=True, batch_first=True)


class Bands(TorchModel):
    """As the example of a network: a convolution and its greatest values."""

    @staticmethod
    def build(n_classes, channels, params):  # noqa: ARG004
        class Layers(nn.Sequential):
            def forward(self, x, lengths):  # type: ignore[override]  # noqa: ARG002
                return self[1](self[0](x.transpose(1, 2)).relu().amax(dim=2))

        return Layers(nn.Conv1d(channels, 6, kernel_size=9, stride=4), nn.Linear(6, n_classes))

    @staticmethod
    def recipe(params):
        masks = Augmentation("time-mask", 0.0, 0.2), Augmentation("band-mask", 0, 4)
        shift = Augmentation("band-shift", -1, 2, probability=0.5)
        return Recipe(batch_size=params["batch_size"], augmentation=(*masks, shift), mixup=params["mixup"])


# plugin, frames, channels
NETWORKS = {
    "small-cnn": (SmallCnn, 24, 6),
    "attention-cnn": (AttentionCnn, 24, 6),
    "eca-cnn": (EcaCnn, 24, 12),
    "gru-attention": (GruAttention, 12, 6),
    "ds-cnn": (DsCnn, 24, 12),
    "tim-net": (TimNet, 12, 6),
    "light-sernet": (LightSernet, 24, 12),
    "light-sernet-published": (LightSernetPublished, 23, 9),
    "compare-mlp": (CompareMlp, 1, 40),
    "attention-cnn-published": (AttentionCnnPublished, 1, 24),
    "vit-teacher": (VitTeacher, 6, 8),
    "vit-student-alone": (VitStudentAlone, 6, 8),
    "example-network": (Bands, 24, 6),
    "example-melody": (Melody, 8, 6),
    "lstm": (Lstm, 8, 6),
}


def compare(name, *, device, epochs):
    base, frames, channels = NETWORKS[name]
    plugin, given = varied(base), clips(frames, channels)
    own = fits(plugin, epochs=epochs)
    stack = Stack(plugin, CLASSES, given, own, device=device, dtype=torch.float64)
    stack.train()
    assert_equal(stack, [Alone(plugin, given, fit).train() for fit in own])


@pytest.mark.parametrize("name", NETWORKS)
def test_a_stacked_epoch_equals_separate_training(name):
    compare(name, device="cpu", epochs=1)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
@pytest.mark.parametrize("name", ["small-cnn", "ds-cnn", "gru-attention", "vit-teacher"])
def test_on_a_gpu_a_recorded_step_does_too(name):
    compare(name, device="cuda", epochs=3)


class Student(Melody):
    """A small one, with its feature in the open."""

    @classmethod
    def build(cls, n_classes, channels, params):  # noqa: ARG003
        class Network(nn.Module):
            def __init__(self):
                super().__init__()
                self.width, self.head = nn.Linear(channels, 5), nn.Linear(5, n_classes)

            def embed(self, x, lengths):
                return self.width(x.sum(dim=1) / lengths[:, None]).tanh()

            def forward(self, x, lengths):
                return self.head(self.embed(x, lengths))

        return Network()


class Taught(Alone):
    """A student whose teacher's features are given."""

    def loss(self, plan, rows, share, epoch):  # noqa: ARG002
        x, lengths, labels = self.batch(plan, rows)
        feature = self.network.embed(x, lengths)
        places = self.fit.train[plan.order[rows]]
        wanted = torch.from_numpy(self.fit.teacher[plan.copies[rows], places])
        distance = nn.functional.l1_loss(feature, wanted)
        if epoch <= self.recipe.distillation_epochs:
            return distance
        logits = self.network.head(feature)
        return self.objective._cross_entropy(logits, labels) + self.recipe.distillation * distance


def taught_fits(plugin, **recipe):
    """Two epochs by the teacher alone, then one by all; the head's own steps begin there."""
    more = {"distillation_epochs": 2, "mixup": 0.0, "clip_norm": 1.0, **recipe}
    features = np.random.default_rng(5).normal(size=(3, 16, 5))
    found = fits(plugin, [{**one, **more, "distillation": 0.5 + m} for m, one in enumerate(RECIPES[:2])], 3)
    return [replace(fit, teacher=features) for fit in found]


def test_a_stack_of_students_equals_separate_students():
    plugin, given = varied(Student), clips(12, 6)
    stack = Stack(plugin, CLASSES, given, taught_fits(plugin), dtype=torch.float64)
    stack.train()
    assert_equal(stack, [Taught(plugin, given, fit).train() for fit in taught_fits(plugin)])


def test_a_fit_is_the_same_whatever_its_companions_and_its_place():
    plugin, given = varied(GruAttention), clips(12, 6)
    own = fits(plugin, RECIPES[:2] * 2)
    other = [replace(fit, seed=90 + fit.seed) for fit in own]
    first = Stack(plugin, CLASSES, given, [own[0], other[1], own[2], other[3]], dtype=torch.float64)
    second = Stack(plugin, CLASSES, given, [other[2], own[2], other[0], own[0]], dtype=torch.float64)
    for stack in (first, second):
        stack.train()
    for here, there in ((0, 3), (2, 1)):
        for name, value in first.state(here).items():
            np.testing.assert_allclose(second.state(there)[name], value, atol=1e-9)
        np.testing.assert_allclose(first.curve[-1][here], second.curve[-1][there], atol=1e-9)


def test_a_fit_with_fewer_epochs_rests_when_they_are_over():
    plugin, given = varied(SmallCnn), clips(24, 6)
    own = [replace(fit, epochs=1 + m) for m, fit in enumerate(fits(plugin))]
    stack = Stack(plugin, CLASSES, given, own, dtype=torch.float64)
    stack.train()
    assert_equal(stack, [Alone(plugin, given, fit).train() for fit in own])
    assert len(stack.losses) == len(stack.curve) == 3
    np.testing.assert_array_equal(stack.curve[0][0], stack.curve[2][0])


def test_fits_that_learn_from_all_copies_and_that_average_their_epochs():
    """Beside one that does neither, and one that rests before the others end."""
    plugin, given = varied(SmallCnn), clips(24, 6)
    both = {"copies": "all", "ema": 0.6}
    recipes = [
        {**RECIPES[0], "copies": "all"},
        {**RECIPES[1], **both},
        {**RECIPES[2], "ema": 0.9},
        RECIPES[0],
    ]
    own = fits(plugin, recipes)
    own = [replace(fit, epochs=epochs) for fit, epochs in zip(own, (3, 2, 3, 3), strict=True)]
    stack = Stack(plugin, CLASSES, given, own, dtype=torch.float64)
    stack.train()
    assert_equal(stack, [Alone(plugin, given, fit).train() for fit in own])


def test_a_trainer_takes_what_a_stack_trained():
    plugin, given = varied(EcaCnn), clips(24, 12)
    own = fits(plugin)
    stack = Stack(plugin, CLASSES, given, [own[0], replace(own[1], validation=None)])
    stack.train()
    trainer = Trainer(plugin, CLASSES, seed=0, device="cpu", params=own[0].params)
    trainer.load_state(stack.state(0))
    rows = own[0].validation
    asked = ClipBatch([given.inputs[row] for row in rows], frames=given.frames)
    np.testing.assert_allclose(trainer.predict_proba(asked), stack.curve[-1][0], atol=1e-6)
    assert stack.curve[-1][1].shape == (0, CLASSES)


def test_mean_losses_are_those_of_the_clips():
    """Without learning, an epoch's mean is the loss of all clips together."""
    recipe = {"batch_size": 4, "class_weights": False, "learning_rate": 0.0, "weight_decay": 0.0}
    plugin, given = varied(Melody), replace(clips(8, 6), copies=[])
    (fit,) = fits(plugin, [recipe])
    stack = Stack(plugin, CLASSES, given, [fit], dtype=torch.float64)
    stack.train()
    right = stack.predict([fit.train])[0][np.arange(11), given.labels[fit.train]]
    assert stack.losses[0] == pytest.approx(-np.log(right).mean())


class Drawing(Melody):
    """It draws for itself, by PyTorch's generator, which all networks would share."""

    @classmethod
    def build(cls, n_classes, channels, params):  # noqa: ARG003
        class Noisy(nn.Linear):
            def forward(self, x, lengths):  # type: ignore[override]  # noqa: ARG002
                return super().forward(x.mean(dim=1) + torch.randn(1))

        return Noisy(channels, n_classes)


def test_a_plugin_that_draws_by_itself_is_refused():
    plugin = varied(Drawing)
    with pytest.raises(RuntimeError, match="random"):
        Stack(plugin, CLASSES, clips(8, 6), fits(plugin)).train()


def test_what_fits_of_a_stack_must_share():
    given = clips(8, 6)
    masks = [{"augmentation": (Augmentation("band-mask", 0, most),)} for most in (1, 2)]
    plugin = varied(Melody)
    with pytest.raises(ValueError, match="alter their features alike"):
        Stack(plugin, CLASSES, given, fits(plugin, masks))
    build = staticmethod(lambda n, _, params: nn.Linear(params["batch_size"], n))
    sizes = type("Sizes", (plugin,), {"build": build})
    own = [replace(fit, params={**fit.params, "batch_size": 3 + m}) for m, fit in enumerate(fits(sizes))]
    with pytest.raises(ValueError, match="the same parameters, by name and shape"):
        Stack(sizes, CLASSES, given, own)


def test_what_students_of_a_stack_must_share():
    plugin, given = varied(Student), clips(12, 6)
    with pytest.raises(ValueError, match="no teacher's features"):
        Stack(plugin, CLASSES, given, [replace(fit, teacher=None) for fit in taught_fits(plugin)])
    with pytest.raises(ValueError, match="may not alter clips anew"):
        Stack(plugin, CLASSES, given, taught_fits(plugin, mixup=0.2))
    with pytest.raises(ValueError, match="as many epochs of distillation alone"):
        Stack(
            plugin, CLASSES, given, [replace(fit, epochs=2 + m) for m, fit in enumerate(taught_fits(plugin))]
        )
