"""A function is replayed on a GPU, and called elsewhere."""

import pytest
import torch

from benchmark.training.recorded import Recorded


class Summing:
    """It adds to its own total, in place."""

    def __init__(self, device):
        self.total, self.calls = torch.zeros(3, device=device), 0

    def __call__(self, x):
        self.calls += 1
        return self.total.add_(x) * 2


def test_elsewhere_every_call_is_the_functions():
    function = Summing("cpu")
    recorded = Recorded(function, device="cpu")
    found = [recorded(torch.full((3,), float(n))).tolist() for n in range(5)]
    assert found == [[2 * total] * 3 for total in (0, 1, 3, 6, 10)]
    assert function.calls == 5


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU")
def test_a_gpu_replays_what_the_third_call_recorded():
    function = Summing("cuda")
    recorded = Recorded(function, device="cuda")
    found = [recorded(torch.full((3,), float(n), device="cuda")).tolist() for n in range(6)]
    assert found == [[2 * total] * 3 for total in (0, 1, 3, 6, 10, 15)]
    assert function.calls == Recorded.WARM + 1
