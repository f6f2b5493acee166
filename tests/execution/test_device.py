"""The device that is asked for, as torch names it."""

import pytest
import torch

from benchmark.execution import device
from protocols.errors import UnheardError


@pytest.fixture
def gpus(monkeypatch):
    """Pretends that torch sees so many CUDA GPUs."""

    def pretend(number):
        monkeypatch.setattr(torch.cuda, "is_available", lambda: number > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: number)

    return pretend


@pytest.mark.parametrize(
    ("number", "wanted", "found"),
    [
        (0, "auto", "cpu"),
        (2, "auto", "cuda"),
        (2, "cpu", "cpu"),
        (1, "cuda", "cuda"),
        (2, "cuda:1", "cuda:1"),
    ],
)
def test_what_is_there(gpus, number, wanted, found):
    gpus(number)
    assert device.find(wanted) == found


@pytest.mark.parametrize(
    ("number", "wanted", "message"),
    [
        (0, "cuda", "--device cuda: PyTorch sees no GPU here"),
        (0, "cuda:0", "--device cuda:0: PyTorch sees no GPU here"),
        (2, "cuda:2", "--device cuda:2: PyTorch sees only cuda:0 to cuda:1 here"),
        (1, "gpu", "--device gpu: there is no such device. Name auto, cpu, cuda, cuda:N or mps"),
        (1, "cuda:x", "--device cuda:x: there is no"),
        (1, "", "--device : there is no"),
        (1, "cpu, or so", "--device cpu, or so: there is no"),
        (1, "cuda:0x", "--device cuda:0x: there is no"),
    ],
)
def test_what_is_not(gpus, number, wanted, message):
    gpus(number)
    with pytest.raises(UnheardError, match=message):
        device.find(wanted)


@pytest.mark.parametrize("there", [True, False])
def test_an_apple_gpu(monkeypatch, there):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: there)
    if there:
        assert device.find("mps") == "mps"
    else:
        with pytest.raises(UnheardError, match="--device mps: PyTorch sees no Apple GPU here"):
            device.find("mps")


@pytest.mark.parametrize(("named", "found"), [("", ["0", "1", "0", "1"]), ("3,GPU-5", ["3", "GPU-5"] * 2)])
def test_workers_share_the_gpus_that_are_visible(gpus, monkeypatch, named, found):
    gpus(2)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", named)
    assert device.shared("auto", 2) == found


@pytest.mark.parametrize("wanted", ["cpu", "cuda:1"])
def test_what_no_workers_share(gpus, wanted):
    gpus(2)
    with pytest.raises(UnheardError, match=f"--per-gpu goes with --device cuda, not {wanted}"):
        device.shared(wanted, 2)


def test_a_device_of_other_machines_is_not_looked_for_here(gpus):
    gpus(0)
    assert device.find("cuda", here=False) == "cuda"
    with pytest.raises(UnheardError, match="there is no such device"):
        device.find("gpu", here=False)
