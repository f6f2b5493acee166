"""Memory, the reference network and energy meters."""

import numpy as np
import pytest

from benchmark.cost import count, energy, speed

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


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
