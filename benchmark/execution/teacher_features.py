"""What a teacher's features of its student's clips are, computed once: a stack follows them."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from benchmark.execution import fit
from benchmark.execution.open_fit import Open
from benchmark.training.standardisation import Standardised
from protocols.contract import ClipBatch

AT_ONCE = 64  # clips


def of(one: Open, clips: ClipBatch, train: np.ndarray) -> np.ndarray | None:
    """Of the clips that a fit trains on, (1 + copies, clips, width), 0 for others; None without a teacher.

    NotImplementedError where the teacher is not one that a network can follow.
    """
    teacher: Any = fit.context(one.task, one.data, train, part=one.want.part).get("teacher")
    if teacher is None:
        return None
    network = getattr(teacher, "network", None)
    if not isinstance(network, Standardised) or teacher.recipe.standardise != one.recipe.standardise:
        raise NotImplementedError("its teacher is no network that is given the same input")
    found = [
        _features(network.eval(), clips, train, copy, device=one.task.device)
        for copy in range(1 + len(clips.copies))
    ]
    features = np.zeros((len(found), len(clips), found[0].shape[1]), dtype=np.float32)
    features[:, train] = np.stack(found)
    return features


@torch.inference_mode()
def _features(
    network: Standardised, clips: ClipBatch, rows: np.ndarray, copy: int, *, device: str
) -> np.ndarray:
    """Of the k-th copy of these clips, (rows, width)."""
    teacher: Any = network.network
    parts = []
    for some in np.array_split(rows, -(-len(rows) // AT_ONCE)):
        batch = clips.batch(some, copies=np.full(len(some), copy))
        x, lengths = (torch.from_numpy(part).to(device) for part in batch)
        parts.append(teacher.embed(network.standardise(x, lengths), lengths).cpu().numpy())
    return np.concatenate(parts)
