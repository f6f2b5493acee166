"""Masks and shifts of features on the way into a network, measured: shares of frames and bands."""

import numpy as np
import pytest
import torch

from benchmark.training import feature_augmentation
from protocols.contract import Augmentation


def batch(b=400, frames=60, channels=16):
    """Ones, with clips of 30 to 60 frames, and zeros after them."""
    lengths = torch.arange(b) % 31 + frames - 30
    return (torch.arange(frames) < lengths[:, None])[..., None] * torch.ones(b, frames, channels), lengths


def changed(x, lengths, *augmentation, seed=0):
    torch.manual_seed(seed)
    luck = torch.rand(len(augmentation), 3, len(x))
    return feature_augmentation.augmented(x, lengths, augmentation, luck=luck)


def one_run(hidden):
    """Whether the true values of each row (b, n) stand together."""
    edges = torch.diff(hidden.int(), prepend=torch.zeros(len(hidden), 1), append=torch.zeros(len(hidden), 1))
    return bool(((edges == 1).sum(1) <= 1).all())


def test_time_mask_hides_a_share_of_each_clips_own_length():
    x, lengths = batch()
    out = changed(x, lengths, Augmentation("time-mask", 0.1, 0.4))
    hidden = (out == 0).all(2) & (x != 0).all(2)  # (b, frames)
    share = hidden.sum(1) / lengths
    assert torch.equal(out[~hidden], x[~hidden])
    assert one_run(hidden)
    assert 0.08 < share.min() < 0.13
    assert 0.37 < share.max() < 0.42
    assert share.mean() == pytest.approx(0.25, abs=0.02)
    relative = (hidden.float() * torch.arange(60)).sum(1) / hidden.sum(1) / (lengths - 1)
    assert relative.mean() == pytest.approx(0.5, abs=0.03)  # anywhere in the clip
    assert hidden[:, 0].any()
    assert hidden[torch.arange(400), lengths - 1].any()


def test_a_time_mask_may_hide_all():
    x, lengths = batch(31)
    assert not changed(x, lengths, Augmentation("time-mask", 1.0, 1.0)).any()


def test_band_mask_hides_whole_bands():
    x, lengths = batch()
    out = changed(x, lengths, Augmentation("band-mask", 0, 4))
    hidden = out[:, 0] == 0  # (b, channels)
    assert torch.equal(out, x * ~hidden[:, None])
    assert one_run(hidden)
    counts = torch.bincount(hidden.sum(1), minlength=5)
    assert len(counts) == 5
    assert counts.min() > 50  # 80 expected of each width
    assert hidden.any(0).all()
    assert not changed(x, lengths, Augmentation("band-mask", 99, 99)).any()


def test_band_shift_moves_bands_and_fills_with_zeros():
    x, lengths = batch()
    x = x * torch.arange(1.0, 17.0)
    for shift in (-20, -3, 0, 2):
        out = changed(x, lengths, Augmentation("band-shift", shift, shift))
        wanted = np.roll(np.pad(x, ((0, 0), (0, 0), (32, 32))), shift, axis=2)[..., 32:-32]
        np.testing.assert_array_equal(out, wanted)
    drawn = changed(x, lengths, Augmentation("band-shift", -2, 2))[:, 0, 8] - 9  # minus the shift
    assert torch.bincount(drawn.long() + 2).min() > 50
    assert sorted(set(drawn.tolist())) == [-2, -1, 0, 1, 2]


FEATURE = [
    Augmentation("time-mask", 0.2, 0.5),
    Augmentation("band-mask", 1, 4),
    Augmentation("band-shift", 1, 3),
]


@pytest.mark.parametrize("one", FEATURE, ids=lambda one: one.kind)
def test_padding_stays_zero_and_the_batch_is_not_written_to(one):
    x, lengths = batch()
    before = x.clone()
    out = changed(x, lengths, one)
    assert out.shape == x.shape
    assert not out[x == 0].any()
    assert torch.equal(x, before)
    assert not torch.equal(out, x)


@pytest.mark.parametrize("one", FEATURE, ids=lambda one: one.kind)
def test_clips_are_altered_as_often_as_the_probability_says(one):
    x, lengths = batch()

    def touched(probability):
        out = changed(x, lengths, Augmentation(one.kind, one.low, one.high, probability))
        return (out != x).any(2).any(1).float().mean()

    assert touched(0.0) == 0
    assert touched(0.3) == pytest.approx(0.3, abs=0.08)
    assert touched(1.0) == 1


def test_the_same_torch_seed_gives_the_same_batch():
    x, lengths = batch()
    once, again, other = (changed(x, lengths, *FEATURE, seed=seed) for seed in (1, 1, 2))
    assert torch.equal(once, again)
    assert not torch.equal(once, other)
    never = Augmentation("time-mask", 0.2, 0.5, 0.0)
    last = Augmentation("band-shift", -2, 2)
    neutral = changed(x, lengths, Augmentation("band-mask", 0, 0), last)
    assert torch.equal(changed(x, lengths, never, last), neutral)  # draws do not depend on what is done
