"""What whole models cost: every baseline, and objects with their own training."""

import pytest

from benchmark.cli import main
from benchmark.cost import measure
from benchmark.features import stack
from benchmark.models import plugins
from protocols import registry
from protocols.contract import SklearnModel

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


PLAIN = """
import numpy as np
from protocols.contract import Declaration, Features, FitInfo, Info

class Plain(Declaration):
    info = Info(name="plain", version="1", title="", summary="", macs={declared})
    @staticmethod
    def features(params):
        return Features(front_end="mfcc")
    def __init__(self, n_classes, *, seed, device):
        self.n_classes = n_classes
    def fit(self, train, validation=None, *, epochs=None, report=None, context=None):
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


@pytest.mark.slow
@pytest.mark.parametrize("name", registry.names("models"))
def test_every_baseline_can_be_counted(name):
    """Both counters agree, or this would raise."""
    plugin = plugins.load(name)
    if plugin.missing and (stack.trained(plugin.features) or not stack.missing(plugin.features)):
        pytest.skip(plugin.missing)  # a frozen encoder is counted without its weights
    cost = measure.of(plugin, measure.untrained(plugin))
    assert cost.by == ("fitted shapes" if issubclass(plugin.model, SklearnModel) else "fvcore")
    totals = [count.total for count in cost.counts]
    if set(stack.names(plugin.features)) & {"egemaps", "compare"}:  # openSMILE is not counted
        assert totals == [None, None, None]
    else:
        assert totals == sorted(totals)
        assert totals[0] > 0


def test_a_plain_object_with_an_unknown_operation_is_refused(tmp_path, capsys):
    (tmp_path / "plain.py").write_text(PLAIN.format(compute=INVERSE, declared=None))
    assert main.main(["cost", str(tmp_path / "plain.py")]) == 2
    assert "plain: the operation aten::linalg_inv is in no table" in capsys.readouterr().err
