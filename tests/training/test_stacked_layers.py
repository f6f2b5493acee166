"""The layers of a stack against PyTorch's own."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import vmap

from benchmark.training import stacked_layers, stacked_modules
from benchmark.training.stacked_convolution import Convolution
from benchmark.training.stacked_layers import BatchNorm, Dropout, Step
from benchmark.training.stacked_recurrence import Recurrent

CLOSE = {"atol": 1e-12, "rtol": 1e-10}


@pytest.fixture(autouse=True)
def double():
    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def step(rows=(1.0, 1.0, 1.0), seed=5):
    found = Step()
    found.rows, found.seed, found.active = torch.tensor(rows), torch.tensor(seed), torch.ones(())
    found.calls = 0
    return found


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv1d(2, 3, 5, stride=2, padding=2), (9,)),
        (nn.Conv1d(2, 3, 2, dilation=4, bias=False), (9,)),
        (nn.Conv1d(2, 3, 3, stride=2, dilation=2, padding="valid"), (9,)),
        (nn.Conv1d(2, 3, 4, padding="same", padding_mode="replicate"), (9,)),
        (nn.Conv2d(2, 3, (3, 1), (2, 1), (1, 0)), (7, 5)),
        (nn.Conv2d(2, 3, 3, dilation=(1, 2), padding=2), (7, 5)),
        (nn.Conv2d(2, 3, 1, stride=2), (7, 5)),
    ],
    ids=str,
)
def test_a_convolution_is_a_matrix_product(layer, shape):
    layer, x = layer.double(), torch.randn(3, 2, *shape)
    torch.testing.assert_close(Convolution(layer, step())(x), layer(x), **CLOSE)


@pytest.mark.parametrize(
    "layer",
    [
        nn.GRU(3, 4, batch_first=True),
        nn.GRU(3, 4, num_layers=2, bidirectional=True, bias=False),
        nn.LSTM(3, 4, num_layers=2, bidirectional=True, batch_first=True),
    ],
    ids=str,
)
def test_a_recurrent_layer_frame_by_frame(layer):
    layer, x = layer.double(), torch.randn(5, 6, 3)
    found, wanted = Recurrent(layer, step())(x), layer(x)
    torch.testing.assert_close(found, wanted, **CLOSE)


def test_a_recurrent_layer_with_dropout_of_its_own_is_not_stacked():
    with pytest.raises(NotImplementedError, match="without dropout and projection"):
        Recurrent(nn.LSTM(3, 4, num_layers=2, dropout=0.1), step())


@pytest.mark.parametrize("affine", [True, False])
@pytest.mark.parametrize("shape", [(), (7,), (3, 2)])
def test_batch_normalisation_is_over_the_real_rows(shape, affine):
    kind = {0: nn.BatchNorm1d, 1: nn.BatchNorm1d, 2: nn.BatchNorm2d}[len(shape)]
    layer, x = kind(4, affine=affine), torch.randn(5, 4, *shape) + 3
    own = BatchNorm(layer, step((1.0, 1.0, 0.0, 1.0, 0.0)))
    real = [0, 1, 3]
    torch.testing.assert_close(own(x)[real], layer(x[real]), **CLOSE)
    torch.testing.assert_close(dict(own.named_buffers()), dict(layer.named_buffers()), **CLOSE)
    torch.testing.assert_close(own.eval()(x), layer.eval()(x), **CLOSE)


def test_batch_normalisation_of_a_network_that_rests_does_not_move():
    own = BatchNorm(nn.BatchNorm1d(4), step())
    own.step.active = torch.zeros(())
    own(torch.randn(3, 4))
    assert not own.running_mean.any()
    assert own.num_batches_tracked == 0


@pytest.mark.parametrize(
    "layer", [nn.BatchNorm1d(4, momentum=None), nn.BatchNorm1d(4, track_running_stats=False)]
)
def test_batch_normalisation_without_a_momentum_is_not_stacked(layer):
    with pytest.raises(NotImplementedError, match="running statistics and a momentum"):
        BatchNorm(layer, step())


def test_dropout_keeps_its_share_and_scales_it():
    own, x = Dropout(nn.Dropout(0.3), step()), torch.ones(100, 1000)
    y = own(x)
    assert np.unique(y).tolist() == pytest.approx([0, 1 / 0.7])
    assert float((y == 0).double().mean()) == pytest.approx(0.3, abs=5e-3)
    columns = (y == 0).double().mean(dim=0)  # no place is preferred
    assert float(columns.std()) == pytest.approx((0.3 * 0.7 / 100) ** 0.5, rel=0.1)
    torch.testing.assert_close(own.eval()(x), x)


def test_dropout_of_channels_drops_whole_ones():
    y = Dropout(nn.Dropout2d(0.5), step())(torch.ones(20, 30, 2, 3)).flatten(2)
    assert (y == y[:, :, :1]).all()
    assert 0.3 < float((y == 0).double().mean()) < 0.7


def test_dropout_of_everything_leaves_nothing():
    assert not Dropout(nn.Dropout(1.0), step())(torch.ones(3, 4)).any()


def test_dropouts_bits_follow_seed_and_call_and_nothing_else():
    x = torch.ones(40, 50)
    again = Dropout(nn.Dropout(0.5), step())
    first, second = again(x), again(x)
    assert 0.4 < float((first == second).double().mean()) < 0.6
    torch.testing.assert_close(Dropout(nn.Dropout(0.5), step())(x), first)
    other = Dropout(nn.Dropout(0.5), step(seed=6))(x)
    assert 0.4 < float((first == other).double().mean()) < 0.6
    seeds = torch.tensor([9, 5, 5])
    stacked = vmap(lambda seed: stacked_layers.hashed(8, seed, x.device))(seeds)
    assert (stacked[1] == stacked[2]).all()
    assert (stacked[0] != stacked[1]).any()


def test_hashed_numbers_fill_their_range_evenly():
    found = stacked_layers.hashed(100_000, torch.tensor(1), torch.device("cpu"))
    assert int(found.min()) >= 0
    counts = np.histogram(found, bins=16, range=(0, 2**32))[0]
    assert counts.sum() == 100_000
    assert abs(counts / 6250 - 1).max() < 0.05


def test_layers_are_exchanged_wherever_they_stand_and_once_where_they_are_shared():
    shared = nn.BatchNorm1d(4)
    network: Any = nn.Sequential(
        nn.Sequential(shared, nn.Conv1d(4, 4, 3)), nn.ModuleList([shared, nn.Dropout()])
    )
    grouped = nn.Conv1d(4, 4, 3, groups=4)
    network.append(grouped)
    names = [*network.state_dict()]
    stacked_modules.exchanged(network, step())
    assert [name for name in network.state_dict() if not name.endswith(".p")] == names
    assert network[0][0] is network[1][0]
    assert [type(one) for one in (network[0][0], network[0][1], network[1][1])] == [
        BatchNorm,
        Convolution,
        Dropout,
    ]
    assert network[2] is grouped
