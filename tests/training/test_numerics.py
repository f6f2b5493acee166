"""What a class of numerics changes in a fit, and what it does not."""

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.training import numerics
from benchmark.training.trainer import Trainer
from protocols.contract import ClipBatch, Info, Recipe, TorchModel
from protocols.errors import UnheardError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")

RNG = np.random.default_rng(0)
LABELS = np.arange(24) % 3
CLIPS = ClipBatch(
    [(RNG.normal(size=(6, 4)) + 2 * label * np.eye(4)[label]).astype(np.float32) for label in LABELS], LABELS
)


class Seen(nn.Linear):
    """Keeps the type of each of its answers."""

    def forward(self, x):
        answer = super().forward(x)
        self.kinds = {*getattr(self, "kinds", ()), answer.dtype}
        return answer


class Network(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = Seen(4, 3)

    def forward(self, x, lengths):  # noqa: ARG002
        return self.linear(x).mean(1)


class Plugin(TorchModel):
    info = Info(name="seen", version="1", title="Seen", summary="")

    @staticmethod
    def build(n_classes, channels, params):  # noqa: ARG004
        return Network()

    @staticmethod
    def recipe(params):  # noqa: ARG004
        return Recipe(epochs=8, learning_rate=0.1, label_smoothing=0.1)


def fitted(kind):
    trainer = Trainer(Plugin, 3, seed=0, device="cpu", params={}, numerics=kind)
    training = trainer.begin(CLIPS)
    training.advance(8, CLIPS)
    return trainer, training


def test_bf16_computes_in_it_and_keeps_weights_and_moments_in_fp32():
    trainer, training = fitted("bf16")
    assert trainer.network.network.linear.kinds == {torch.bfloat16}
    assert {value.dtype for value in training.state().values()} == {np.dtype(np.float32)}
    assert trainer.predict_proba(CLIPS).sum(axis=1) == pytest.approx(1, abs=1e-6)


def test_bf16_gives_about_what_fp32_gives():
    exact, rounded = (fitted(kind)[1].info.probabilities for kind in ("fp32", "bf16"))
    assert 0 < np.abs(exact - rounded).max() < 0.02


def test_a_processor_has_no_tf32_so_it_computes_in_fp32():
    np.testing.assert_array_equal(fitted("tf32")[1].info.probabilities, fitted("fp32")[1].info.probabilities)


@pytest.mark.parametrize("kind", numerics.CLASSES)
def test_a_fit_sets_the_switches_of_its_class(kind):
    torch.backends.cudnn.benchmark = True
    numerics.prepare("fp32" if kind == "tf32" else "tf32")  # what came before
    fitted(kind)
    allowed = torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32
    assert allowed == ((True, True) if kind == "tf32" else (False, False))
    assert torch.are_deterministic_algorithms_enabled()
    assert not torch.backends.cudnn.benchmark


def test_another_class_is_refused():
    with pytest.raises(UnheardError, match=r"--numerics fp16: there is no such class\. Name fp32, tf32"):
        numerics.find("fp16")
