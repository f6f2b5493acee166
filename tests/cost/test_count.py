"""MACs of networks, against counts by hand."""

import math

import numpy as np
import pytest
import torch
from counting import macs
from torch import nn
from torch.nn import functional

from benchmark.cost import count, operations
from protocols.errors import PluginError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


FRAMES, CHANNELS = 11, 6


class Net(nn.Module):
    """x (1, 11, 6) -> `compute(x)`, with modules made by `parts`."""

    def __init__(self, compute, **parts):
        super().__init__()
        self.compute = compute
        self.parts = nn.ModuleDict(parts)

    def forward(self, x, lengths):  # noqa: ARG002
        return self.compute(x, **self.parts)


def heads(x):
    """6 channels as 2 heads of 3."""
    return x.view(len(x), -1, 2, 3).transpose(1, 2)


def packed(x, layer):
    sequence = nn.utils.rnn.pack_padded_sequence(x, [FRAMES], batch_first=True)
    return nn.utils.rnn.pad_packed_sequence(layer(sequence)[0], batch_first=True)[0]


def recurrent_by_hand(x, cell):
    state = torch.zeros(1, 4)
    for step in range(FRAMES):
        state = cell(x[:, step], state)
    return state


ENCODER = {"d_model": 6, "nhead": 2, "dim_feedforward": 10, "batch_first": True}


BLOCK = 11 * 6 * 18 + 11 * 6 * 6 + 2 * 11 * 11 * 6  # projections in, out, and attention


KNOWN = {
    "linear, after a norm": (
        Net(lambda x, norm, layer: layer(torch.relu(norm(x))), norm=nn.LayerNorm(6), layer=nn.Linear(6, 5)),
        11 * 6 * 5,
    ),
    "a convolution with a stride": (
        Net(lambda x, layer: layer(x.transpose(1, 2)), layer=nn.Conv1d(6, 8, 3, stride=2)),
        5 * 8 * 6 * 3,
    ),
    "a convolution in groups, padded to the same length": (
        Net(lambda x, layer: layer(x.transpose(1, 2)), layer=nn.Conv1d(6, 6, 3, padding="same", groups=6)),
        11 * 6 * 3,
    ),
    "a convolution over both axes": (
        Net(lambda x, layer: layer(x[:, None]), layer=nn.Conv2d(1, 4, 3, padding=1)),
        11 * 6 * 4 * 9,
    ),
    "a transposed convolution": (
        Net(lambda x, layer: layer(x.transpose(1, 2)), layer=nn.ConvTranspose1d(6, 5, 3, stride=2)),
        11 * 6 * 5 * 3,
    ),
    "a convolution as a function": (
        Net(lambda x: functional.conv1d(x.transpose(1, 2), torch.ones(4, 6, 2))),
        10 * 4 * 6 * 2,
    ),
    "matrix products as functions": (
        Net(lambda x: torch.bmm(x, x.transpose(1, 2)) + x @ x.mT + torch.einsum("bic,bjc->bij", x, x)),
        3 * 11 * 11 * 6,
    ),
    "a matrix and a vector": (Net(lambda x: torch.ones(7, 66) @ x.flatten()), 7 * 66),
    "two vectors": (Net(lambda x: torch.dot(x.flatten(), x.flatten())), 66),
    "nested modules": (
        Net(
            lambda x, layer: layer(x),
            layer=nn.Sequential(nn.Linear(6, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 3))),
        ),
        11 * (6 * 4 + 4 * 3),
    ),
    "a module that is used twice": (
        Net(lambda x, layer: layer(layer(x)), layer=nn.Linear(6, 6)),
        2 * 11 * 36,
    ),
    "a module that is not used": (Net(lambda x, layer: x * 2, layer=nn.Linear(6, 6)), 0),  # noqa: ARG005
    "attention as a function": (
        Net(lambda x: functional.scaled_dot_product_attention(heads(x), heads(x), heads(x))),
        2 * 11 * 11 * 6,
    ),
    "attention as a module, on its fast path": (
        Net(lambda x, layer: layer(x, x, x)[0], layer=nn.MultiheadAttention(6, 2, batch_first=True)),
        BLOCK,
    ),
    "attention as a module, without weights": (
        Net(
            lambda x, layer: layer(x, x, x, need_weights=False)[0],
            layer=nn.MultiheadAttention(6, 2, batch_first=True),
        ),
        BLOCK,
    ),
    "a transformer's layers, on their fast path": (
        Net(
            lambda x, layer: layer(x),
            layer=nn.TransformerEncoder(nn.TransformerEncoderLayer(**ENCODER), 2, enable_nested_tensor=False),
        ),
        2 * (BLOCK + 2 * 11 * 6 * 10),
    ),
    "LSTM, two layers, both ways": (
        Net(lambda x, layer: layer(x)[0], layer=nn.LSTM(6, 4, 2, batch_first=True, bidirectional=True)),
        11 * 2 * 16 * ((6 + 4) + (8 + 4)),
    ),
    "LSTM, projected": (
        Net(lambda x, layer: layer(x)[0], layer=nn.LSTM(6, 4, proj_size=2, batch_first=True)),
        11 * (16 * (6 + 2) + 2 * 4),
    ),
    "GRU": (Net(lambda x, layer: layer(x)[0], layer=nn.GRU(6, 4, batch_first=True)), 11 * 12 * (6 + 4)),
    "GRU, packed": (Net(packed, layer=nn.GRU(6, 4, batch_first=True)), 11 * 12 * (6 + 4)),
    "RNN": (Net(lambda x, layer: layer(x)[0], layer=nn.RNN(6, 4, batch_first=True)), 11 * 4 * (6 + 4)),
    "a cell in a loop of Python": (Net(recurrent_by_hand, cell=nn.GRUCell(6, 4)), 11 * 12 * (6 + 4)),
    "parametrised weights": (
        Net(lambda x, layer: layer(x), layer=nn.utils.parametrizations.weight_norm(nn.Linear(6, 5))),
        11 * 6 * 5,
    ),
    "attention of a learnt query": (
        Net(
            lambda x, layer: layer(layer.in_proj_weight[None, :1], x, x)[0],
            layer=nn.MultiheadAttention(6, 2, batch_first=True),
        ),
        6 * 6 + 2 * 11 * 6 * 6 + 2 * 11 * 6 + 6 * 6,
    ),
    "attention whose query serves a batch": (
        Net(
            lambda x: functional.scaled_dot_product_attention(x[:, :2], x.repeat(3, 1, 1), x.repeat(3, 1, 1))
        ),
        3 * 2 * 2 * 11 * 6,
    ),
    "an outer product, which adds nothing": (Net(lambda x: torch.einsum("i,j->ij", x[0, 0], x[0, :, 0])), 0),
    "a product of three, from left to right": (
        Net(lambda x: torch.einsum("abc,cd,de->abe", x, torch.ones(6, 5), torch.ones(5, 4))),
        11 * 6 * 5 + 11 * 5 * 4,
    ),
    "a real FFT of a length that the trace does not know": (
        Net(lambda x: torch.fft.rfft(x, n=2 * x.shape[-1] + 4, dim=-1).abs()),
        math.ceil(11 * 1.25 * 16 * 4),
    ),
    "a real FFT": (Net(lambda x: torch.fft.rfft(x, n=16, dim=1).abs()), math.ceil(6 * 1.25 * 16 * 4)),
    "a complex FFT": (Net(lambda x: torch.fft.fft(x, n=16, dim=1).abs()), 6 * 2.5 * 16 * 4),
    "STFT": (
        Net(
            lambda x: torch.stft(
                x.flatten(1), 16, 4, window=torch.hann_window(16), center=False, return_complex=True
            ).abs()
        ),
        math.ceil((1 + (66 - 16) // 4) * 1.25 * 16 * 4),
    ),
    "inverse STFT": (
        Net(
            lambda x: torch.istft(
                torch.complex(x.mT, x.mT)[..., :3, :].repeat(1, 3, 1), 16, 4, window=torch.ones(16)
            )
        ),
        math.ceil(11 * 1.25 * 16 * 4),
    ),
}


@pytest.mark.parametrize(("network", "known"), KNOWN.values(), ids=KNOWN)
def test_multiply_adds_are_what_they_are_by_hand(network, known):
    assert macs(network, frames=FRAMES, channels=CHANNELS) == known


@pytest.mark.parametrize("frames", [4, 40])
def test_the_cost_may_depend_on_the_length(frames):
    network = Net(lambda x, layer: x @ layer(x).mT, layer=nn.Linear(6, 6))
    assert macs(network, frames=frames, channels=6) == frames * 36 + frames * frames * 6


def test_norms_are_told_apart():
    norms = nn.Sequential(nn.BatchNorm1d(6), nn.GroupNorm(2, 6), nn.InstanceNorm1d(6)).eval()
    with torch.inference_mode():
        assert count.count(lambda: norms(torch.ones(1, 6, 11))) == {"norm": 3 * 66}


def test_everything_counts_that_happens_during_the_call():
    """Several networks, several calls, numbers that leave PyTorch and come back."""
    networks = [nn.Linear(6, 5), nn.Linear(6, 5)]

    def predict():
        halves = np.split(np.ones((4, 6), np.float32), 2)
        outputs = [net(torch.from_numpy(half)).detach().numpy() for net in networks for half in halves]
        return np.mean(outputs, axis=0)

    assert count.total(count.count(predict)) == 2 * 4 * 6 * 5
    assert all(weight.requires_grad for network in networks for weight in network.parameters())


def test_an_operation_in_no_table_stops_the_count_and_says_what_to_do():
    with pytest.raises(PluginError) as error:
        count.count(lambda: torch.linalg.inv(torch.eye(3)))
    for words in ("aten::linalg_inv", "COUNTED of benchmark/cost/operations.py", "FREE", "`macs`"):
        assert words in str(error.value)


def test_an_operation_of_somebodys_own_stops_the_count():
    class Swirl(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):  # noqa: ARG004
            return x @ x

        @staticmethod
        def symbolic(g, x):
            return g.op("own::swirl", x)

    with pytest.raises(PluginError, match=r"the operation prim::PythonOp\.Swirl is in no table"):
        count.count(lambda: Swirl.apply(torch.eye(3)))


def test_random_numbers_are_the_same_at_each_count_and_nobody_misses_any():
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)

    def crop():
        n = int(torch.randint(2, 40, ()))
        return torch.ones(n, 3) @ torch.ones(3, 4)

    assert count.total(count.count(crop)) % 12 == 0
    assert torch.rand(1) == expected


def test_what_cannot_be_traced_is_refused_and_what_fails_by_itself_comes_through():
    with pytest.raises(PluginError, match=r"cannot be counted: PyTorch cannot trace it: .*`macs`"):
        count.count(lambda: torch.vmap(lambda row: row @ row)(torch.ones(3, 4)))
    with pytest.raises(ZeroDivisionError):
        count.count(lambda: 1 / 0)


def test_two_counters_that_disagree_stop_the_count():
    calls = iter(range(9))
    with pytest.raises(PluginError, match="two counters disagree: fvcore 18 MACs, PyTorch's own 27"):
        count.count(lambda: [torch.ones(1, 9) @ torch.ones(9, 1) for _ in range(1 + next(calls))])


def test_what_fvcore_ignores_is_named_as_free():
    from fvcore.nn import jit_analysis

    assert [name for name in jit_analysis._IGNORED_OPS if not operations.free(name)] == []


def test_no_operation_is_both_counted_and_free():
    assert operations.COUNTED.keys() & operations.FREE.keys() == set()
