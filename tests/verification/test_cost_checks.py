"""Costs and speeds that cannot be, beside each other or beside the network that is installed."""

from types import SimpleNamespace

import honest
import pytest
from honest import change, problems
from msgspec.structs import replace

from benchmark.cost import front_end_costs, measure
from benchmark.features import stack
from benchmark.models import plugins
from benchmark.records.schema import LENGTHS, Cost, Count
from benchmark.verification import cost_checks

FALSE = {
    "a cost of nothing": (
        (
            "cost",
            "counts",
            [{"seconds": s, "used": s, "front_end": 0, "model": {}, "norms": 0} for s in (1, 3, 10)],
        ),
        "its cost for 3 s of speech is zero",
    ),
    "a network that computes nothing": (
        (
            "cost",
            lambda cost: {**cost, "by": "fvcore", "counts": [{**c, "model": {}} for c in cost["counts"]]},
        ),
        "its cost for 3 s of speech is zero",
    ),
    "a cost that falls": (
        ("cost", "counts", 2, "model", "linear", 69),
        "its cost falls where the speech is longer: model",
    ),
    "a front end that falls": (
        ("cost", "counts", 0, "front_end", 3001),
        "its cost falls where the speech is longer: front end",
    ),
    "norms that fall": (
        ("cost", "counts", 0, "norms", 1),
        "its cost falls where the speech is longer: norms",
    ),
    "more speech than there is": (
        ("cost", "counts", 1, "used", 4.0),
        "its cost is of 4 s of speech, where 3 s",
    ),
    "no speech": (("cost", "counts", 0, "used", 0.0), "its cost is of 0 s of speech, where 1 s are given"),
    "training for nothing": (("cost", "training", 0), "its training costs nothing"),
    "fewer parameters than were trained": (
        ("folds", 0, "parameters", 561),
        "it costs 560 parameters, but a fold has trained 561",
    ),
    "weights of no bytes": (
        ("cost", lambda cost: {**cost, "parameters": 561}),
        "its 561 parameters take 560 bytes",
    ),
    "a latency of nothing": (("run", "speed", "latency", 0.0), "its latency, or that of the reference,"),
    "a latency below its front end's": (
        ("run", "speed", "latency", 1.9),
        "its latency of 1.9 ms is less than its front end's, 2 ms, or more",
    ),
    "a latency above its slowest": (("run", "speed", "slow", 2.9), "its latency of 3 ms is less than"),
    "a ratio": (("run", "speed", "ratio", 0.3), "its ratio is 0.3, but latency and reference give 3"),
    "a reference": (
        ("run", "speed", "reference", 10.0),
        "its ratio is 3.01, but latency and reference give 0.3",
    ),
    "a time for a second": (
        ("run", "speed", "real_time", 0.0001),
        "it takes 0.0001 s for a second of speech",
    ),
}


@pytest.mark.parametrize("kind", FALSE)
def test_a_false_claim_is_named(drawn, kind):
    steps, message = FALSE[kind]
    change(drawn, "cost", "parameters", 560)  # which take 560 bytes
    change(drawn, *steps)
    found = problems(drawn)
    assert any(problem.startswith(message) for problem in found), found


def test_a_training_that_costs_less_than_its_fits(drawn):
    clips = 3 * 480  # each of four folds trains on three of four speakers
    for fold in range(4):
        change(drawn, "folds", fold, "epochs", 10)
    message = "its training costs {}, less than the fits of its winners alone"
    change(drawn, "cost", "training", 3 * 70 * clips * 10)
    assert message.format(3 * 70 * clips * 10) not in problems(drawn)
    change(drawn, "cost", "training", 3 * 70 * clips * 10 - 1)
    assert message.format(3 * 70 * clips * 10 - 1) in problems(drawn)


# A network that is installed: Linear from 20 channels to 7 classes, which is 140 MACs and 147 parameters; 748
# bytes with the means and deviations of its inputs

NET = """
from torch import nn

from protocols.contract import Features, Info, Recipe, TorchModel


class Flat(nn.Module):
    def __init__(self, channels, n_classes):
        super().__init__()
        self.out = nn.Linear(channels, n_classes)

    def forward(self, x, lengths):
        return self.out(x.mean(1))  # (batch, classes)


class Net(TorchModel):
    info = Info(name="net", version="1", title="Net", summary="S", licence="MIT")
    defaults = {"c": 1.0}

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", functionals=("mean",))

    @staticmethod
    def space(trial):
        return {"c": trial.suggest_float("c", 0.1, 10.0)}

    @staticmethod
    def build(n_classes, channels, params):
        return Flat(channels, n_classes)

    @staticmethod
    def recipe(params):
        return Recipe(epochs=7)
"""


@pytest.fixture
def net(install):
    """What is checked of a record of this network: its cost, its labels, its folds."""
    install("net_mod", NET, {"net": "Net"})
    plugin = plugins.load("net")
    counts = [
        Count(
            seconds=seconds,
            used=seconds,
            front_end=front_end_costs.macs(plugin.features, round(16_000 * seconds)),
            model={"linear": 140},
            norms=0,
        )
        for seconds in LENGTHS
    ]
    cost = Cost(by="fvcore", counts=counts, parameters=147, weights=748, training=None)
    made, _ = honest.record()
    folds = [replace(facts, parameters=147) for facts in made.folds]
    return SimpleNamespace(plugin=plugin, record=replace(made, cost=cost, folds=folds))


def beside(net, **changes):
    record = replace(net.record, cost=replace(net.record.cost, **changes))
    return list(cost_checks.beside_the_plugin(SimpleNamespace(plugin=net.plugin, record=record)))


def counted(net, **changes):
    return [replace(count, **changes) for count in net.record.cost.counts]


def test_a_network_is_built_and_counted_again(net):
    assert beside(net) == []
    assert beside(net, parameters=146) == ["it has 146 parameters of 748 bytes; net has 147 of 748"]
    assert beside(net, weights=147) == ["it has 147 parameters of 147 bytes; net has 147 of 748"]
    other = "its cost is fitted shapes; that of net is fvcore or not counted"
    assert beside(net, by="fitted shapes") == [other]
    cheap, length = counted(net, model={"linear": 137}), "of speech; that of net costs 140"
    assert beside(net, counts=cheap) == [f"its network costs 137 MACs for {n} s {length}" for n in (1, 3, 10)]
    one = [cheap[0], *counted(net)[1:]]
    assert beside(net, counts=one) == [f"its network costs 137 MACs for 1 s {length}"]
    assert beside(net, counts=counted(net, model={"linear": 138, "fft": 999})) == []
    late = beside(net, counts=counted(net, used=0.5))
    assert [" of which 0.5 s are used; that of net costs" in one for one in late] == [True] * 3
    one, *others = net.record.folds
    net.record = replace(net.record, folds=[replace(one, parameters=3), *others])
    assert beside(net) == ["a fold trained 3 parameters; net has 147"]


def test_a_network_that_fails_here_is_not_counted(net, monkeypatch):
    monkeypatch.setattr(net.plugin.model, "build", lambda **_: 1 / 0)
    cost_checks._built.cache_clear()
    assert beside(net, parameters=1) == []


def test_a_network_whose_library_is_not_here_is_not_counted(net, monkeypatch):
    monkeypatch.setattr(stack, "missing", lambda _: "it needs an extra")
    monkeypatch.setattr(measure, "clips", lambda *_: 1 / 0)
    cost_checks._built.cache_clear()
    cost_checks._clip.cache_clear()
    assert beside(net, parameters=1) == []
