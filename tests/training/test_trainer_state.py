"""What a network's state is: arrays that NumPy knows, and no more memory than the network itself."""

import numpy as np
import pytest
import torch
from torch import nn

from baselines.small_cnn import SmallCnn
from benchmark.training import trainer
from protocols.contract import TorchModel


class Half(TorchModel):
    """A network in bfloat16, which needs numbers while it is built."""

    recipe = SmallCnn.recipe

    @staticmethod
    def build(n_classes, channels, _):
        assert torch.ones(1).item() == 1  # cannot be known without memory
        return nn.Linear(channels, n_classes).to(torch.bfloat16)


def made(plugin=SmallCnn):
    return trainer.Trainer(plugin, 7, seed=1, device="cpu", params=SmallCnn.defaults)


def built(plugin=SmallCnn, channels=40):
    model = made(plugin)
    model.build(channels)
    return model


def test_a_state_of_bfloat16_comes_back_bit_for_bit():
    model, again = built(Half), made(Half)
    state = model.state()
    assert state["network.weight"].dtype == np.float32
    again.load_state(state)
    assert again.network.network.weight.dtype == torch.bfloat16
    assert torch.equal(again.network.network.weight, model.network.network.weight)


def test_a_small_state_that_asks_for_a_huge_network_is_refused_before_it_is_built():
    model, state = made(), built().state()
    state["mean"] = state["deviation"] = np.zeros(1 << 20, np.float32)
    with pytest.raises(RuntimeError, match="size mismatch"):
        model.load_state(state)
    assert "meta" in {weight.device.type for weight in model.network.network.parameters()}


def test_a_state_leaves_nothing_without_memory():
    model, again = built(), made()
    again.load_state(model.state())
    assert {each.device.type for each in (*again.network.parameters(), *again.network.buffers())} == {"cpu"}
    for name, value in model.state().items():
        np.testing.assert_array_equal(again.state()[name], value)
