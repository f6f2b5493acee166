"""Classes of numerics: how exactly the arithmetic of a network is done, as a record's key declares it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocols.errors import UnheardError

if TYPE_CHECKING:
    import torch

CLASSES = ("fp32", "tf32", "bf16")


def find(wanted: str) -> str:
    """The class that a run is asked for; UnheardError where there is none of that name."""
    if wanted not in CLASSES:
        raise UnheardError(f"--numerics {wanted}: there is no such class. Name {', '.join(CLASSES)}.")
    return wanted


def prepare(numerics: str) -> None:
    """Set this process's switches for a class, and so that the same arithmetic gives the same bits.

    "fp32": 32 bits throughout; cuDNN would take TF32 unless it is asked not to. "tf32": a GPU may round the
    factors of convolutions and matrix products to 10 bits of mantissa. "bf16": see `forward`.
    """
    import torch

    if not torch.are_deterministic_algorithms_enabled():  # to ask for it again takes milliseconds
        torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False  # it would choose kernels by a clock
    torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = numerics == "tf32"


def forward(numerics: str, device: str) -> torch.autocast:
    """The context of a forward pass and its loss; for "bf16", PyTorch's mixed precision.

    Convolutions and matrix products are done in bfloat16. Weights and the optimiser stay in fp32.
    """
    import torch

    return torch.autocast(torch.device(device).type, torch.bfloat16, enabled=numerics == "bf16")
