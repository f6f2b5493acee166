"""Where a fit of a stack stands, in the words of a fit by itself, so that either goes on with the other's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from benchmark.training.stacked_network import StackedNetwork
from benchmark.training.stacked_optimiser import StackedAdam


def moments(network: StackedNetwork, optimiser: StackedAdam, m: int, *, prefix: str) -> dict[str, np.ndarray]:
    """What PyTorch's optimiser would have of each parameter that has had a gradient: "exp_avg/NAME" etc."""
    kinds = {kind: network.by_name(row) for kind, row in optimiser.state(m).items()}
    steps = {name: values.flatten()[0].float().cpu() for name, values in kinds.pop("step").items()}
    taken = {f"step/{prefix}{name}": count.numpy() for name, count in steps.items() if count}
    others = {
        f"{kind}/{prefix}{name}": values.cpu().numpy()
        for kind, found in kinds.items()
        for name, values in found.items()
        if steps[name]
    }
    return taken | others


def load(
    network: StackedNetwork,
    average: StackedNetwork,
    optimiser: StackedAdam,
    checkpoints: Sequence[Mapping[str, np.ndarray]],
    *,
    prefix: str,
) -> None:
    """Let network m, and its average, be at the m-th checkpoint: weights, statistics and moments."""
    rows = []
    for m, checkpoint in enumerate(checkpoints):
        kinds: dict[str, dict[str, torch.Tensor]] = {kind: {} for kind in optimiser.state(m)}
        for key, value in checkpoint.items():
            kind, name = key.split("/", 1)
            tensor = torch.from_numpy(np.array(value))
            kinds.setdefault(kind, {})[name.removeprefix(prefix)] = tensor
        weights = kinds.pop("network")
        average.load_state(m, kinds.pop("average", weights))
        network.load_state(m, weights)
        rows.append({kind: network.row(values) for kind, values in kinds.items()})
    optimiser.load_state(**{kind: torch.stack([row[kind] for row in rows]) for kind in rows[0]})
