"""The attention 1D-CNN: sizes, attentions, and padding that does not matter."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from counting import macs
from torch import nn

from baselines.attention_cnn import (
    AttentionCnn,
    AttentionCnnPublished,
    ChannelAttention,
    SpatialAttention,
    pool,
)
from benchmark.audio import augmentation
from benchmark.training import trainer
from protocols.contract import ClipBatch

NORMS = (nn.BatchNorm1d,)


def built(model, channels, n_classes=7, variant=None):
    return model.build(n_classes, channels, params(model, variant)).eval()


def params(model, variant=None):
    return {**model.defaults, **(model.variants[variant] if variant else {})}


def size(network):
    """Parameters, those of norms apart."""
    layers = [layer for layer in network.modules() if not isinstance(layer, NORMS)]
    return sum(p.numel() for layer in layers for p in layer.parameters(recurse=False))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("values", "parameters", "published"), [(2268, 37.43e6, 1.08e9), (251, 4.38e6, 114e6)]
)
def test_the_published_network_is_as_large_as_published(values, parameters, published):
    network = built(AttentionCnnPublished, values)
    assert size(network) == pytest.approx(parameters, rel=0.02)
    assert macs(network, frames=1, channels=values) == pytest.approx(published, rel=0.02)


@pytest.mark.slow
def test_the_published_networks_multiply_adds_are_those_of_its_layers():
    n = 251
    convolutions = (n - 6) * 7 * 256 + (n - 12) * 7 * 256 * 256
    attentions = 2 * 2 * 256 * 16 + (n - 12) * 7 * 2
    linear = (n - 12) * 256 * 64 + 64 * 7
    network = built(AttentionCnnPublished, n)
    assert macs(network, frames=1, channels=n) == convolutions + attentions + linear


def test_the_compact_network_is_compact():
    network = built(AttentionCnn, 24)
    assert size(network) < 100e3
    assert 2e6 < macs(network, frames=151, channels=24) < 4e6


def test_the_published_network_gives_logits_for_a_row():
    network = built(AttentionCnnPublished, 60, n_classes=5)
    assert network(torch.randn(3, 1, 60), torch.ones(3, dtype=torch.int64)).shape == (3, 5)


def test_the_published_network_starts_and_normalises_as_keras_does():
    network = built(AttentionCnnPublished, 60)
    layers = list(network.modules())
    linear = [layer for layer in layers if isinstance(layer, nn.Linear | nn.Conv1d)]
    assert all(layer.bias is None or not layer.bias.any() for layer in linear)
    bound = (6 / (256 * 7 + 256 * 7)) ** 0.5
    assert network.layers[3].weight.abs().max().item() == pytest.approx(bound, rel=1e-3)
    assert {(norm.eps, norm.momentum) for norm in layers if isinstance(norm, NORMS)} == {(1e-3, 0.01)}


def test_its_attentions_start_as_he_et_al_have_it():
    """Normally distributed, sqrt(2 / inputs) wide: Glorot's are bounded, and fewer."""
    torch.manual_seed(0)
    networks = [built(AttentionCnnPublished, 24) for _ in range(12)]
    for inputs, layers in (
        (256, [network.channel.mlp[0] for network in networks]),
        (16, [network.channel.mlp[2] for network in networks]),
        (2 * 7, [network.spatial.conv for network in networks]),
    ):
        weights = torch.cat([layer.weight.flatten() for layer in layers])
        assert weights.square().mean().sqrt().item() == pytest.approx((2 / inputs) ** 0.5, rel=0.1)
        assert weights.abs().max() > 2.5 * (2 / inputs) ** 0.5


@pytest.mark.parametrize("model", [AttentionCnn, AttentionCnnPublished])
@pytest.mark.parametrize(
    ("variant", "left"),
    [
        ("no-channel-attention", {SpatialAttention}),
        ("no-spatial-attention", {ChannelAttention}),
        ("no-attention", set()),
        (None, {ChannelAttention, SpatialAttention}),
    ],
)
def test_a_variant_lacks_an_attention(model, variant, left):
    network = built(model, 24, n_classes=5, variant=variant)
    assert {type(layer) for layer in network.modules()} & {ChannelAttention, SpatialAttention} == left
    assert network(torch.randn(3, 1, 24), torch.ones(3, dtype=torch.int64)).shape == (3, 5)


@pytest.mark.parametrize("model", [AttentionCnn, AttentionCnnPublished])
def test_without_augmentation_an_epoch_has_the_clips_alone(model):
    bare, whole = params(model, "no-augmentation"), model.features(model.defaults)
    assert model.features(bare) == replace(whole, copies=0, augmentation=())
    assert model.recipe(bare) == replace(model.recipe(model.defaults), augmentation=())


def test_its_recipe_is_the_papers():
    recipe = AttentionCnnPublished.recipe(AttentionCnnPublished.defaults)
    assert (recipe.optimiser, recipe.learning_rate, recipe.schedule) == ("adam", 1e-5, "constant")
    assert (recipe.epochs, recipe.batch_size, recipe.weight_decay) == (100, 16, 2e-3)
    assert (recipe.class_weights, recipe.label_smoothing, recipe.clip_norm) == (False, 0, None)
    assert recipe.standardise


def test_the_rows_of_a_clip_are_the_papers():
    wanted = AttentionCnnPublished.features(AttentionCnnPublished.defaults)
    rows = [augmentation.of_copy(wanted.augmentation, 1 + copy) for copy in range(wanted.copies)]
    assert [[one.kind for one in row] for row in rows] == [["noise"], ["pitch"], ["pitch", "noise"]]
    assert all(one.probability == 1 for one in wanted.augmentation)


@pytest.mark.parametrize("training", [False, True])
def test_padding_does_not_matter(training):
    """In training too, but for batch normalisation, which sees the padding."""
    torch.manual_seed(0)
    network = built(AttentionCnn, 24).train(training)
    for layer in network.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.Dropout):
            layer.eval()
    lengths = torch.tensor([90, 37, 8, 1])
    x = torch.randn(4, 90, 24)
    x[torch.arange(90) >= lengths[:, None]] = 0
    together = network(x, lengths)
    longer = network(nn.functional.pad(x, (0, 0, 0, 61)), lengths)
    alone = torch.cat([network(x[i : i + 1, :n], lengths[i : i + 1]) for i, n in enumerate(lengths)])
    assert together.shape == (4, 7)
    torch.testing.assert_close(longer, together, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(alone, together, atol=1e-5, rtol=1e-5)


def test_pooling_sees_a_clips_own_frames():
    x = torch.tensor([[[-4.0, -2.0, 9.0]], [[1.0, 2.0, 6.0]]])  # (2, 1 channel, 3 frames)
    mean, largest = pool(x, torch.tensor([2, 3]))
    torch.testing.assert_close(mean, torch.tensor([[-3.0], [3.0]]))
    torch.testing.assert_close(largest, torch.tensor([[-2.0], [6.0]]))


def test_channel_attention_weighs_channels_by_mean_and_maximum():
    torch.manual_seed(0)
    attention, x = ChannelAttention(32), torch.randn(2, 32, 9)
    wanted = torch.sigmoid(attention.mlp(x.mean(2)) + attention.mlp(x.amax(2)))
    torch.testing.assert_close(attention(x, torch.tensor([9, 9])) / x, wanted[..., None].expand(2, 32, 9))


def test_spatial_attention_weighs_frames_by_mean_and_maximum_around_them():
    attention, x = SpatialAttention(), torch.randn(2, 32, 9, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        attention.conv.weight.zero_()
        attention.conv.weight[0, 0, 2], attention.conv.weight[0, 1, 3] = 3.0, 2.0
    before = nn.functional.pad(x.mean(1), (1, 0))[:, :9]  # of the frame before
    wanted = torch.sigmoid(3 * before + 2 * x.amax(1))
    torch.testing.assert_close(attention(x) / x, wanted[:, None].expand(2, 32, 9))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("model", "frames", "channels", "epochs"),
    [(AttentionCnnPublished, 1, 24, 60), (AttentionCnn, 30, 12, 15)],  # Keras's batch norm is slow to learn
)
def test_it_learns(model, frames, channels, epochs):
    """A class is a pattern in the values of each frame, under noise."""
    rng = np.random.default_rng(0)
    patterns = np.repeat(rng.normal(size=(3, 1, channels)), frames, axis=1)
    labels = np.arange(36) % 3
    x = (patterns[labels] + 0.5 * rng.normal(size=(36, frames, channels))).astype(np.float32)
    params = {**model.defaults, "learning_rate": 3e-4}
    fitted = trainer.Trainer(model, 3, seed=0, device="cpu", params=params)
    fitted.fit(ClipBatch(x[:24], labels[:24]), epochs=epochs)
    said = fitted.predict_proba(ClipBatch(x[24:])).argmax(axis=1)
    assert (said == labels[24:]).mean() > 0.9
