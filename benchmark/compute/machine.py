"""What this machine is: its cores, its processor, its GPU."""

from __future__ import annotations

import os
import platform
import sys
from functools import cache
from pathlib import Path


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def may_have_gpu() -> bool:
    """Whether PyTorch might see a CUDA or ROCm GPU; on Linux these have files of their own."""
    if sys.platform != "linux":
        return True
    return any(any(Path("/dev").glob(name)) for name in ("nvidia*", "kfd", "dxg"))


def gpu_name(device: str) -> str:
    import torch

    return torch.cuda.get_device_name(device)


@cache
def processor() -> str:
    """The processor's name."""
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
