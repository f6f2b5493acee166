"""What networks, front ends and estimators cost, against counts by hand."""

import json
import math

import numpy as np
import pytest
import torch
from counting import macs
from sklearn.datasets import make_blobs
from sklearn.decomposition import PCA
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
from torch import nn
from torch.nn import functional

from benchmark import cli, frontends, plugins
from benchmark.cost import count, energy, estimators, measure, operations, speed
from benchmark.cost import frontends as front_ends
from benchmark.torchaudio import transforms
from protocols import registry
from protocols.contract import Features, SklearnModel
from protocols.errors import PluginError, UnheardError

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
        said = [net(torch.from_numpy(half)).detach().numpy() for net in networks for half in halves]
        return np.mean(said, axis=0)

    assert count.total(count.count(predict)) == 2 * 4 * 6 * 5
    assert all(weight.requires_grad for network in networks for weight in network.parameters())


def test_an_operation_in_no_table_stops_the_count_and_says_what_to_do():
    with pytest.raises(PluginError) as error:
        count.count(lambda: torch.linalg.inv(torch.eye(3)))
    for words in ("aten::linalg_inv", "COUNTED of benchmark/cost/operations.py", "FREE", "`multiply_adds`"):
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
    with pytest.raises(PluginError, match=r"cannot be counted: PyTorch cannot trace it: .*`multiply_adds`"):
        count.count(lambda: torch.vmap(lambda row: row @ row)(torch.ones(3, 4)))
    with pytest.raises(ZeroDivisionError):
        count.count(lambda: 1 / 0)


def test_two_counters_that_disagree_stop_the_count():
    calls = iter(range(9))
    with pytest.raises(PluginError, match="two counters disagree: fvcore 18 multiply-adds, PyTorch's own 27"):
        count.count(lambda: [torch.ones(1, 9) @ torch.ones(9, 1) for _ in range(1 + next(calls))])


def test_what_fvcore_ignores_is_named_as_free():
    from fvcore.nn import jit_analysis

    assert [name for name in jit_analysis._IGNORED_OPS if not operations.free(name)] == []


def test_no_operation_is_both_counted_and_free():
    assert operations.COUNTED.keys() & operations.FREE.keys() == set()


@pytest.mark.parametrize("seconds", [1.0, 3.0])
def test_a_front_ends_formula_is_what_counting_torchaudios_gives(seconds):
    wave = torch.zeros(round(seconds * 16000))
    spectrum = {"n_fft": 512, "hop_length": 160, "n_mels": 64}
    mfcc = transforms.MFCC(16000, 20, melkwargs=spectrum)
    counted = count.count(lambda: mfcc(wave))
    formula = front_ends.multiply_adds(Features(front_end="mfcc"), wave.numpy())
    assert formula == pytest.approx(count.total(counted), abs=2)
    assert formula > 2e6 * seconds


def test_front_ends_that_are_not_pytorchs():
    wave = np.zeros(48000, np.float32)
    assert front_ends.multiply_adds(Features(front_end="egemaps"), wave) is None
    assert front_ends.multiply_adds(Features(front_end="wave"), wave) == 0
    resampled = 2.4 * 22050 * front_ends.TAPS  # it hears from 0.6 to 3.0 s
    assert front_ends.multiply_adds(Features(front_end="zcr-mfcc"), wave) > resampled > 9e6


@pytest.mark.parametrize(
    ("features", "given", "heard"),
    [
        (Features(front_end="mfcc"), 10.0, 10.0),
        (Features(front_end="mfcc", seconds=3.0), 10.0, 3.0),
        (Features(front_end="log-mel", options={"seconds": 4.0}), 3.0, 3.0),
        (Features(front_end="log-mel", options={"seconds": 4.0}), 10.0, 4.0),
        (Features(front_end="zcr-mfcc"), 10.0, 2.5),
        (Features(front_end="zcr-mfcc"), 1.0, 0.4),
    ],
)
def test_how_much_of_a_clip_is_heard(features, given, heard):
    assert front_ends.heard(features, given) == pytest.approx(heard)


X, Y = make_blobs(60, n_features=5, centers=3, cluster_std=9, random_state=0)
ESTIMATORS = {
    "nothing": (DummyClassifier(), lambda _: 0),
    "linear": (make_pipeline(StandardScaler(), LogisticRegression()), lambda _: 3 * 5),
    "support vectors": (SVC(), lambda svm: len(svm.support_) * (5 + 2)),
    "means": (NearestCentroid(), lambda _: 3 * 5),
    "neighbours": (KNeighborsClassifier(), lambda _: 60 * 5),
    "perceptron": (MLPClassifier((7, 4), max_iter=500, tol=1.0), lambda _: 5 * 7 + 7 * 4 + 4 * 3),
    "projected": (make_pipeline(PCA(2), LogisticRegression()), lambda _: 2 * 5 + 3 * 2),
    "several": (BaggingClassifier(LogisticRegression(), 4), lambda _: 4 * 3 * 5),
}


@pytest.mark.parametrize(("estimator", "known"), ESTIMATORS.values(), ids=ESTIMATORS)
def test_an_estimator_is_counted_by_its_fitted_shapes(estimator, known):
    fitted = estimator.fit(X, Y)
    assert estimators.multiply_adds(fitted) == known(fitted)


def test_an_estimator_of_an_unknown_kind_is_named():
    class Own(LogisticRegression):
        pass

    with pytest.raises(LookupError, match="Own"):
        estimators.multiply_adds(make_pipeline(StandardScaler(), Own()).fit(X, Y))


def test_an_array_under_two_names_and_an_optimiser_weigh_nothing():
    perceptron = MLPClassifier((7,), max_iter=500, tol=1.0).fit(X, Y)
    numbers = 5 * 7 + 7 + 7 * 3 + 3
    assert 8 * numbers <= estimators.weights(perceptron) < 8 * numbers + 800
    svm = SVC().fit(X, Y)
    vectors = svm.support_vectors_.nbytes + svm.dual_coef_.nbytes
    assert vectors < estimators.weights(svm) < 1.3 * vectors


def test_a_trees_nodes_weigh_something():
    forest = RandomForestClassifier(10, random_state=0).fit(X, Y)
    nodes = sum(tree.tree_.node_count for tree in forest)
    assert estimators.weights(forest) > nodes * (64 + 3 * 8)  # a node, and its values


def test_an_estimators_bytes_are_those_of_its_arrays():
    fitted = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    scaler, logistic = fitted[0], fitted[1]
    arrays = (scaler.mean_, scaler.var_, scaler.scale_, logistic.coef_, logistic.intercept_)
    others = (logistic.classes_, logistic.n_iter_)
    assert estimators.weights(fitted) == sum(array.nbytes for array in (*arrays, *others))


PLAIN = """
import numpy as np
from protocols.contract import Declaration, Features, FitInfo, Info

class Plain(Declaration):
    info = Info(name="plain", version="1", title="", summary="", multiply_adds={declared})
    @staticmethod
    def features(params):
        return Features(front_end="mfcc")
    def __init__(self, n_classes, *, seed, device):
        self.n_classes = n_classes
    def fit(self, train, valid=None, *, epochs=None, report=None, context=None):
        return FitInfo()
    def predict_proba(self, clips):
        {compute}
        return np.full((len(clips), self.n_classes), 1 / self.n_classes)
"""
INVERSE = "import torch; torch.linalg.inv(torch.eye(3))"
PRODUCT = "import torch; torch.ones(2, 3) @ torch.ones(3, 4)"


@pytest.mark.parametrize(
    ("compute", "declared", "by", "model"),
    [
        ("pass", None, "not counted", None),
        ("pass", 1234, "declared", {"declared": 1234}),
        (INVERSE, 1234, "declared", {"declared": 1234}),
        (PRODUCT, 12, "fvcore", {"linear": 24}),
        (PRODUCT, 1234, "declared", {"declared": 1234}),  # its author knows of more
    ],
)
def test_what_a_plain_object_costs(tmp_path, compute, declared, by, model):
    (tmp_path / "plain.py").write_text(PLAIN.format(compute=compute, declared=declared))
    plugin = plugins.load(str(tmp_path / "plain.py"))
    cost = measure.of(plugin, measure.untrained(plugin))
    assert (cost.by, cost.official.model) == (by, model)


@pytest.mark.parametrize("name", registry.names("models"))
def test_every_baseline_can_be_counted(name):
    """Both counters agree, or this would raise."""
    plugin = plugins.load(name)
    if plugin.missing and frontends.encoder_of(plugin.features) == "":
        pytest.skip(plugin.missing)
    cost = measure.of(plugin, measure.untrained(plugin))
    assert cost.by == ("fitted shapes" if issubclass(plugin.model, SklearnModel) else "fvcore")
    totals = [count.total for count in cost.counts]
    if plugin.features.front_end in ("egemaps", "compare"):  # openSMILE is not counted
        assert totals == [None, None, None]
    else:
        assert totals == sorted(totals)
        assert totals[0] > 0


def test_a_plain_object_with_an_unknown_operation_is_refused(tmp_path, capsys):
    (tmp_path / "plain.py").write_text(PLAIN.format(compute=INVERSE, declared=None))
    assert cli.main(["cost", str(tmp_path / "plain.py")]) == 2
    assert "plain: the operation aten::linalg_inv is in no table" in capsys.readouterr().err


def test_the_verb_tells_people_and_programs(capsys):
    assert cli.main(["cost", "ds-cnn"]) == 0
    out = capsys.readouterr().out
    for words in (
        "ds-cnn: multiply-adds (fvcore)",
        "front end",
        "convolution",
        "95th percentile",
        "reference",
    ):
        assert words in out
    assert cli.main(["cost", "ds-cnn", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["seconds"] for row in told["cost"]["counts"]] == [1.0, 3.0, 10.0]
    assert told["cost"]["parameters"] == sum(p.numel() for p in network("ds-cnn").parameters())
    assert 0 < told["speed"]["front_end"] < told["speed"]["latency"] <= told["speed"]["slow"]


def network(name):
    return measure.untrained(plugins.load(name)).network


def test_an_encoder_without_weights_can_be_counted_all_the_same(capsys):
    assert cli.main(["cost", "wav2vec2-base-probe", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["speed"] is None
    assert told["cost"]["parameters"] == pytest.approx(94.4e6, rel=0.01)  # Baevski et al., 2020: 95 M
    assert 20e9 < told["cost"]["counts"][1]["front_end"] < 22e9


def test_memory_is_what_a_call_takes_at_most():
    grown = speed.growth(lambda: np.ones(32 * 2**17).sum())  # 32 MiB
    if grown is None:
        pytest.skip("this system does not tell the peak of a process's memory")
    assert 28 < grown < 48


def test_the_reference_network_never_changes():
    run = speed._reference()
    assert count.total(count.count(run)) == 4 * 300 * 64 * 64 * 5


def test_energy_is_read_where_there_is_a_meter(tmp_path, monkeypatch):
    monkeypatch.setattr(energy, "RAPL", tmp_path)
    assert energy.machine("cpu") is None
    for package in (0, 1):
        (tmp_path / f"intel-rapl:{package}").mkdir()
        (tmp_path / f"intel-rapl:{package}" / "energy_uj").write_text("1500000\n")
    assert energy.machine("cpu") == 3.0
    assert energy.used(3.0, 4.5) == 1.5
    assert energy.used(4.5, 3.0) is None  # the counter has wrapped
    assert energy.used(None, 3.0) is None


def test_an_onnx_file_says_what_pytorch_says(tmp_path):
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    from benchmark.cost import onnx

    plugin = plugins.load("vit-student-alone")
    exported = onnx.export(plugin, measure.untrained(plugin), tmp_path / "net.onnx")
    whole, small = exported
    assert whole.difference < 1e-5
    assert 4 * 1_417_991 < whole.bytes < 1.1 * 4 * 1_417_991
    assert small.bytes < whole.bytes / 3
    assert small.difference < 0.1


@pytest.mark.parametrize(
    ("place", "message"),
    [("", "not a file's name"), ("folder", "not a file's name"), ("no/where.onnx", "no folder")],
)
def test_an_onnx_file_goes_where_a_file_can_go(tmp_path, place, message):
    pytest.importorskip("onnxscript")
    from benchmark.cost import onnx

    (tmp_path / "folder").mkdir()
    plugin = plugins.load("ds-cnn")
    with pytest.raises(UnheardError, match=message):
        onnx.export(plugin, measure.untrained(plugin), tmp_path / place)


BROKEN = """
from protocols.contract import Features, Info, TorchModel
class Broken(TorchModel):
    info = Info(name="broken", version="1", title="", summary="")
    features = staticmethod(lambda params: Features(front_end="mfcc"))
    @staticmethod
    def build(n_classes, channels, params):
        raise ValueError("no such width")
"""


def test_a_broken_model_is_named(tmp_path, capsys):
    (tmp_path / "broken.py").write_text(BROKEN)
    assert cli.main(["cost", str(tmp_path / "broken.py")]) == 2
    assert "broken: it fails on a clip of speech: ValueError: no such width" in capsys.readouterr().err


def test_an_estimator_is_not_exported(tmp_path):
    from benchmark.cost import onnx

    plugin = plugins.load("prior")
    with pytest.raises(PluginError, match="prior: only a TorchModel's network is exported"):
        onnx.export(plugin, measure.untrained(plugin), tmp_path / "net.onnx")
