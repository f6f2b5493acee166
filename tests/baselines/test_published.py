"""How long the papers' models learn at their papers' own settings; two of them as networks."""

import numpy as np
import pytest
import torch
from torch import nn

from baselines.attention_cnn import AttentionCnnPublished
from baselines.light_sernet import LightSernetPublished
from baselines.tim_net import TimNetPublished
from baselines.vit import VitStudent, VitStudentAlone, VitTeacher
from benchmark.features import front_ends
from benchmark.training import epoch_plan, trainer
from protocols import folds
from protocols.contract import ClipBatch

# Rows a clip, batch, epochs, and the steps of a whole fit on three of SAVEE's speakers, 360 clips.
SETTINGS = {
    AttentionCnnPublished: (4, 16, 100, 100 * 90),
    VitTeacher: (4, 32, 50, 50 * 45),
    VitStudent: (4, 32, 100, 100 * 45),
    VitStudentAlone: (4, 32, 100, 100 * 45),
    LightSernetPublished: (1, 32, 300, 300 * 12),
    TimNetPublished: (1, 64, 500, 500 * 6),
}
CLASSES = 7
SHAPES = {LightSernetPublished: (184, 40), TimNetPublished: (254, 39)}  # of their front ends
NETWORKS = pytest.mark.parametrize("model", SHAPES, ids=lambda model: model.info.name)


@pytest.mark.parametrize(("model", "setting"), SETTINGS.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_the_steps_of_a_fit_on_savee(model, setting):
    protocol = folds.load("savee-loso")
    split = folds.split(protocol, protocol.folds[0], folds.population(protocol).rows)
    recipe, copies = model.recipe(model.defaults), model.features(model.defaults).copies
    plan = epoch_plan.drawn(len(split.development), recipe, copies=copies, seed=0, epoch=1)
    rows = len(set(zip(plan.order.tolist(), plan.copies.tolist(), strict=True)))
    assert (rows / len(split.development), recipe.batch_size, recipe.epochs) == setting[:3]
    assert plan.sizes.max() <= recipe.batch_size
    assert recipe.epochs * len(plan.sizes) == setting[3]


def test_a_fit_takes_as_many_steps_as_its_rows_make():
    model, rng = AttentionCnnPublished, np.random.default_rng(0)
    inputs = [[rng.normal(size=(1, 24)).astype(np.float32) for _ in range(13)] for _ in range(4)]
    train = ClipBatch(inputs[0], np.arange(13) % 3, copies=inputs[1:])
    training = trainer.Trainer(model, 3, seed=0, device="cpu", params=model.defaults).begin(train)
    training.advance(1)
    steps = {int(state["step"]) for state in training.optimiser.state.values()}
    assert steps == {4}  # of 52 rows in batches of 16


def built(model):
    torch.manual_seed(0)
    return model.build(CLASSES, SHAPES[model][1], model.defaults).eval()


def clips(model, n=3):
    """As its front end gives them: every clip has all its frames."""
    frames, channels = SHAPES[model]
    x = 5 * torch.randn(n, frames, channels, generator=torch.Generator().manual_seed(1))
    return x, torch.full((n,), frames)


@NETWORKS
def test_its_front_end_gives_images_of_one_size(model):
    assert front_ends.fixed(model.features(model.defaults)) == SHAPES[model][0]
    assert built(model)(*clips(model)).shape == (3, CLASSES)


def test_their_parameters_are_as_many_as_published():
    """By layers, and by the sizes in the papers: Light-SERNet 0.88 MB of 16 bits, TIM-Net 0.40 MB of 32."""
    paths = 32 * (11 + 9 + 9 + 3)  # kernels and biases
    body = 9 * (96 * 64 + 64 * 96 + 96 * 128 + 128 * 160) + 160 * 320
    norms = 2 * (3 * 32 + 64 + 96 + 128 + 160 + 320)
    light, tim = (sum(p.numel() for p in built(model).parameters()) for model in SHAPES)
    assert light == paths + body + norms + 321 * CLASSES == 461_703
    assert round(2 * light / 2**20, 2) == 0.88
    block = 2 * (2 * 39 * 39 + 39 + 2 * 39)
    assert tim == 2 * 8 * block + 2 * 39 * 40 + 8 + 40 * CLASSES == 104_496
    assert round(4 * tim / 2**20, 2) == 0.40


@NETWORKS
def test_the_order_of_clips_and_the_others_do_not_matter(model):
    network, (x, lengths) = built(model), clips(model)
    with torch.inference_mode():
        together = network(x, lengths)
        torch.testing.assert_close(network(x.flip(0), lengths).flip(0), together, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(network(x[1:2], lengths[1:2]), together[1:2], rtol=1e-4, atol=1e-5)
    assert together.std(dim=0).min() > 1e-4


@NETWORKS
def test_it_starts_and_normalises_as_keras_does(model):
    network = built(model)
    norms = [layer for layer in network.modules() if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)]
    assert {(norm.eps, norm.momentum) for norm in norms} == {(1e-3, 0.01)}
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Linear | nn.Conv1d | nn.Conv2d)]
    assert all(layer.bias is None or not layer.bias.any() for layer in layers)
    bound = (6 / (network.head.in_features + CLASSES)) ** 0.5
    assert 0.9 * bound < network.head.weight.abs().max() <= bound


def test_averages_of_light_sernet_leave_out_what_lies_beyond_the_end():
    network, x = built(LightSernetPublished), torch.ones(1, 128, 23, 5)
    pooled = network.body[5](x)
    assert pooled.shape == (1, 128, 12, 5)
    torch.testing.assert_close(pooled, torch.ones_like(pooled))


@NETWORKS
def test_its_recipe_is_the_public_codes(model):
    recipe = model.recipe(model.defaults)
    assert (recipe.optimiser, recipe.schedule, recipe.standardise) == ("adam", "constant", False)
    assert (recipe.class_weights, recipe.clip_norm, recipe.mixup, recipe.augmentation) == (False, None, 0, ())
    own = recipe.learning_rate, recipe.weight_decay, recipe.label_smoothing, recipe.betas
    light = model is LightSernetPublished
    assert own == ((1e-4, 2e-6, 0, (0.9, 0.999)) if light else (1e-3, 0, 0.1, (0.93, 0.98)))
