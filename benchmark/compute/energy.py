"""Energy meters: what the processor (RAPL, Linux) and NVIDIA GPUs (NVML) have used, where they tell."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from math import inf, isfinite
from pathlib import Path

RAPL = Path("/sys/class/powercap")
PERIOD = 30.0  # seconds between readings; under load, a counter of 65 kJ begins anew after some minutes


class Meter:
    """Counts the whole machine's joules: of the processor's packages, and of the GPUs where they compute.

    It begins when it is made. A counter that begins anew twice between two readings is not noticed.
    """

    def __init__(self, device: str = "cpu") -> None:
        self.device, self.joules = device, 0.0
        self.last = _counters(device)
        self.lock = threading.Lock()

    def read(self) -> float | None:
        """Joules so far; None where the processor, or a GPU that computes, cannot be read."""
        with self.lock:
            now = _counters(self.device)
            if not self.last or not now or len(now) != len(self.last):
                self.last = None
                return None
            self.joules += sum((new - old) % top for (new, top), (old, _) in zip(now, self.last, strict=True))
            self.last = now if isfinite(self.joules) else None  # not so where a GPU's counter went back
            return self.joules if self.last else None


@contextlib.contextmanager
def metered(device: str) -> Iterator[Meter]:
    """A meter that is read every so often while the block runs, however long that is."""
    meter, done = Meter(device), threading.Event()

    def watch() -> None:
        while meter.last and not done.wait(PERIOD):
            meter.read()

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield meter
    finally:
        done.set()


def _counters(device: str) -> list[tuple[float, float]] | None:
    """Each counter's joules, and where it begins anew; None where one cannot be read."""
    try:
        packages = [
            (_joules(zone / "energy_uj"), _joules(zone / "max_energy_range_uj") or inf)
            for zone in sorted(RAPL.glob("intel-rapl:?"))
            if (zone / "name").read_text().startswith("package")  # another one is the whole platform
        ]
    except (OSError, ValueError):
        return None
    gpus = _gpus() if device.startswith("cuda") else []
    return [*packages, *((joules, inf) for joules in gpus)] if packages and gpus is not None else None


def _joules(file: Path) -> float:
    return int(file.read_text()) / 1e6


def _gpus() -> list[float] | None:
    """Joules of each NVIDIA GPU since its driver was loaded; None without a GPU or the package pynvml."""
    with contextlib.suppress(Exception):  # no package, no driver, no permission, too old a GPU
        import pynvml

        pynvml.nvmlInit()
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return [pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) / 1e3 for handle in handles]
    return None
