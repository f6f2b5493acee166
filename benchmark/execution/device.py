"""The device that a run is asked for, as torch names it."""

from __future__ import annotations

import os
import re
import sys

from benchmark.compute import machine
from protocols.errors import UnheardError

NAMES = re.compile(r"auto|cpu|mps|cuda(:\d+)?")


def find(wanted: str, *, here: bool = True) -> str:
    """The device to run on: "cpu", "cuda", "cuda:1" or "mps"; "auto" is a CUDA GPU where there is one.

    UnheardError where torch does not see it `here`, or where there is none of that name anywhere.
    """
    if not NAMES.fullmatch(wanted):
        raise UnheardError(
            f"--device {wanted}: there is no such device. Name auto, cpu, cuda, cuda:N or mps."
        )
    if wanted == "cpu" or (wanted != "auto" and not here):
        return wanted
    if wanted == "auto" and "torch" not in sys.modules and not machine.may_have_gpu():
        return "cpu"
    import torch  # which takes a second

    gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if wanted == "auto":
        return "cuda" if gpus else "cpu"
    if wanted == "mps":
        if not torch.backends.mps.is_available():
            raise UnheardError("--device mps: PyTorch sees no Apple GPU here. Use --device cpu, or auto.")
        return wanted
    if not gpus:
        raise UnheardError(f"--device {wanted}: PyTorch sees no GPU here. Use --device cpu, or auto.")
    if int(wanted.partition(":")[2] or 0) >= gpus:
        raise UnheardError(f"--device {wanted}: PyTorch sees only cuda:0 to cuda:{gpus - 1} here.")
    return wanted


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, by their names in CUDA_VISIBLE_DEVICES."""
    import torch

    named = os.environ.get("CUDA_VISIBLE_DEVICES", "")
    names = named.split(",") if named else [str(number) for number in range(torch.cuda.device_count())]
    return names if torch.cuda.is_available() else []


def shared(wanted: str, per_gpu: int) -> list[str]:
    """The GPU of each worker, so many to one; UnheardError without a GPU, or where one alone is named."""
    if find(wanted) != "cuda":
        raise UnheardError(
            f"--per-gpu goes with --device cuda, not {wanted}. CUDA_VISIBLE_DEVICES names single GPUs."
        )
    return visible_gpus() * per_gpu
