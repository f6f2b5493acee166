"""The compact rivals: shapes, sizes, and that padding does not matter; each of them can learn."""

from dataclasses import replace

import numpy as np
import optuna
import pytest
import torch
from counting import macs
from torch import nn

from baselines.ds_cnn import DsCnn
from baselines.eca_cnn import EcaCnn
from baselines.gru_attention import GruAttention
from baselines.light_sernet import LightSernet
from baselines.tim_net import TimNet
from benchmark.features import front_ends

CLASSES = 7
FRAMES = 151  # 3 s, one every 20 ms
BANDS = {LightSernet: 40, TimNet: 39, EcaCnn: 40, GruAttention: 40, DsCnn: 40}
# At most: parameters, multiply-adds of 3 s.
BOUNDS = {
    LightSernet: (120_000, 9_000_000),
    TimNet: (65_000, 9_100_000),
    EcaCnn: (56_000, 3_100_000),
    GruAttention: (36_000, 2_700_000),
    DsCnn: (23_000, 2_700_000),
}
MODELS = pytest.mark.parametrize("model", list(BANDS), ids=lambda model: model.info.name)


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def network(model, **params):
    torch.manual_seed(0)
    return model.build(CLASSES, BANDS[model], {**model.defaults, **params})


def batch(model, lengths, frames=FRAMES, seed=0):
    """Noise of these lengths, zero-padded to so many frames: (b, frames, channels) and (b,)."""
    rng = np.random.default_rng(seed)
    x = torch.zeros(len(lengths), frames, BANDS[model])
    for row, length in zip(x, lengths, strict=True):
        row[:length] = torch.from_numpy(rng.normal(size=(length, BANDS[model])))
    return x, torch.tensor(lengths)


def shifted(model):
    """In evaluation, with batch norms whose shift is not zero: padding that is not masked would show."""
    made = network(model)
    for layer in made.modules():
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            nn.init.uniform_(layer.bias, 0.2, 0.5)
            nn.init.uniform_(layer.running_mean, -0.5, 0.5)
    return made.eval()


@MODELS
def test_what_is_searched_reaches_recipe_and_network_and_not_the_front_end(model):
    wanted = model.features(model.defaults)
    wave = np.random.default_rng(0).normal(scale=0.1, size=48_000).astype(np.float32)
    assert front_ends.compute(wanted, wave).shape == (FRAMES, BANDS[model])
    for seed in range(3):
        study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed))
        searched = model.space(study.ask())
        assert set(searched) == set(model.defaults)
        assert model.features(searched) == replace(wanted, level=searched["level"])
        recipe = model.recipe(searched)
        for name in set(searched) - {"dropout", "level"}:
            assert getattr(recipe, name) == searched[name]
        dropouts = [
            x.p for x in network(model, **searched).modules() if isinstance(x, nn.Dropout | nn.Dropout1d)
        ]
        assert set(dropouts) == {searched["dropout"]}


@MODELS
def test_it_gives_one_logit_a_class(model):
    for frames in (FRAMES, 60):
        logits = network(model)(*batch(model, [frames, 1, 37], frames))
        assert logits.shape == (3, CLASSES)
        assert logits.isfinite().all()


@MODELS
def test_it_is_small_and_cheap(model):
    parameters, most = BOUNDS[model]
    made = network(model)
    assert 0.9 * parameters < sum(p.numel() for p in made.parameters()) <= parameters
    counted = macs(made, frames=FRAMES, channels=BANDS[model])
    assert 0.9 * most < counted <= most


@MODELS
def test_padding_and_the_other_clips_do_not_matter(model):
    made = shifted(model)
    lengths = [FRAMES, 150, 97, 64, 33, 12, 5, 2, 1]
    x, counted = batch(model, lengths)
    with torch.inference_mode():
        together = made(x, counted)
        alone = [
            made(row[None, :length], torch.tensor([length])) for row, length in zip(x, lengths, strict=True)
        ]
        longer = made(nn.functional.pad(x, (0, 0, 0, 90)), counted)
    assert together.std(dim=0).min() > 1e-3  # the answers differ: what is compared says something
    torch.testing.assert_close(together, torch.cat(alone), rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(together, longer, rtol=1e-4, atol=1e-5)


@MODELS
def test_the_first_and_the_last_frame_are_heard(model):
    made = shifted(model)
    x, lengths = batch(model, [100])
    with torch.inference_mode():
        before = made(x, lengths)
        for frame in (0, 99):
            changed = x.clone()
            changed[0, frame] += 3
            assert (made(changed, lengths) - before).abs().max() > 1e-5


@pytest.mark.slow
@MODELS
def test_it_can_learn_32_clips_by_heart(model):
    made = network(model, dropout=0.0)
    x, lengths = batch(model, np.random.default_rng(1).integers(24, 49, size=32).tolist(), frames=48)
    labels = torch.from_numpy(np.random.default_rng(2).integers(0, CLASSES, size=32))
    optimiser = torch.optim.AdamW(made.parameters(), lr=5e-3)
    for _ in range(40):
        loss = nn.functional.cross_entropy(made(x, lengths), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    with torch.inference_mode():
        assert (made.eval()(x, lengths).argmax(dim=1) == labels).float().mean() > 0.95
