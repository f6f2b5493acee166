"""Energy meters: what the processor (RAPL, Linux) and NVIDIA GPUs (NVML) have used, where they tell."""

from __future__ import annotations

import contextlib
from pathlib import Path

RAPL = Path("/sys/class/powercap")


def processor() -> float | None:
    """Joules that all processor packages have used since some time; None where it cannot be read.

    The counter wraps after some hours: a difference below zero is no measurement.
    """
    try:
        meters = [int((zone / "energy_uj").read_text()) for zone in RAPL.glob("intel-rapl:?")]
    except (OSError, ValueError):
        return None
    return sum(meters) / 1e6 if meters else None


def gpus() -> float | None:
    """Joules of all NVIDIA GPUs since their driver was loaded; None without a GPU or the package pynvml."""
    with contextlib.suppress(Exception):  # no package, no driver, no permission, too old a GPU
        import pynvml

        pynvml.nvmlInit()
        handles = map(pynvml.nvmlDeviceGetHandleByIndex, range(pynvml.nvmlDeviceGetCount()))
        return sum(map(pynvml.nvmlDeviceGetTotalEnergyConsumption, handles)) / 1e3
    return None


def machine(device: str) -> float | None:
    """Of the processor, and of the GPUs where they are what computes; None where either has no meter."""
    read = [processor(), gpus()] if device.startswith("cuda") else [processor()]
    return None if None in read else sum(filter(None, read))


def used(before: float | None, after: float | None) -> float | None:
    """Joules between two readings."""
    return None if before is None or after is None or after < before else after - before
