"""Memory, the reference network and energy meters."""

import time

import numpy as np
import pytest

from benchmark.compute import energy
from benchmark.cost import count, latency
from benchmark.models import plugins

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


def test_memory_is_what_a_call_takes_at_most():
    grown = latency.growth(lambda: np.ones(32 * 2**17).sum())  # 32 MiB
    if grown is None:
        pytest.skip("this system does not tell the peak of a process's memory")
    assert 28 < grown < 48


def test_the_reference_network_never_changes():
    run = latency._reference()
    assert count.total(count.count(run)) == 4 * 300 * 64 * 64 * 5


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Two packages' counters, as Linux shows them, which begin anew at 10 J."""
    monkeypatch.setattr(energy, "RAPL", tmp_path)
    for package in (0, 1):
        zone = tmp_path / f"intel-rapl:{package}"
        zone.mkdir()
        (zone / "name").write_text(f"package-{package}\n")
        (zone / "max_energy_range_uj").write_text("10000000\n")
    (tmp_path / "intel-rapl:2").mkdir()
    (tmp_path / "intel-rapl:2" / "name").write_text("psys\n")  # the whole platform, packages and all

    def show(*joules):
        for package, value in enumerate(joules):
            new = tmp_path / "new"  # moved into its place: a reader never sees half of it
            new.write_text(f"{value * 1e6:.0f}\n")
            new.replace(tmp_path / f"intel-rapl:{package}" / "energy_uj")

    return show


def test_energy_is_counted_over_all_packages_though_a_counter_begins_anew(packages):
    packages(9, 1)
    meter = energy.Meter()
    assert meter.read() == 0
    packages(9.5, 2)
    assert meter.read() == 1.5
    packages(1, 2)
    assert meter.read() == 3


def test_a_long_block_is_read_meanwhile(packages, monkeypatch):
    monkeypatch.setattr(energy, "PERIOD", 0.01)
    packages(0, 0)
    with energy.metered("cpu") as meter:
        for joules in (6, 2, 8, 4):  # twice round
            packages(joules, 0)
            patience = time.monotonic() + 10
            while meter.last[0][0] != joules and time.monotonic() < patience:
                time.sleep(0.01)
    assert meter.read() == 24


def test_without_a_meter_there_is_no_energy(packages, tmp_path):
    assert energy.Meter().read() is None  # the counters are not there
    packages(1, 1)
    meter = energy.Meter()
    (tmp_path / "intel-rapl:1" / "energy_uj").unlink()
    assert meter.read() is None
    packages(2, 2)
    assert meter.read() is None  # some were missed


def test_the_ratio_is_that_of_the_medians_that_stand_beside_it(monkeypatch):
    turns = iter([1.0, 2.0, 3.0, 2.0, 2.0, 9.0, 4.0, 2.0, 6.0])  # reference, front end, prediction; ms
    monkeypatch.setattr(latency, "seconds", lambda _: next(turns) / 1e3)
    monkeypatch.setattr(latency, "FEWEST", 3)
    monkeypatch.setattr(latency, "BUDGET", 0.0)
    monkeypatch.setattr(latency, "growth", lambda _: None)
    monkeypatch.setattr(latency, "_joules", lambda *_, **__: None)
    found = latency.measure(plugins.load("prior"), None, np.zeros(48_000, np.float32))
    assert (found.reference, found.front_end, found.latency, found.ratio) == (2.0, 2.0, 8.0, 4.0)
    assert found.real_time == round(0.008 / 3, 6)


def test_what_else_the_machine_does_meanwhile_does_not_count():
    assert latency.seconds(lambda: time.sleep(0.2)) < 0.1
