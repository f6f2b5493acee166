"""A recipe's optimiser, and how its learning rate goes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim import lr_scheduler

from protocols.contract import Recipe

OPTIMISERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}


def optimiser(parameters: Iterable[nn.Parameter], recipe: Recipe) -> torch.optim.Optimizer:
    """PyTorch's optimiser of these parameters: in one kernel, where there is one."""
    every = list(parameters)
    return OPTIMISERS[recipe.optimiser](
        every,
        lr=recipe.learning_rate,
        betas=recipe.betas,
        weight_decay=recipe.weight_decay,
        fused=all(parameter.device.type in ("cpu", "cuda") for parameter in every),
    )


def scheduled(
    parameters: Iterable[nn.Parameter], recipe: Recipe, *, steps: int
) -> tuple[torch.optim.Optimizer, lr_scheduler.LRScheduler]:
    """The optimiser, and PyTorch's schedule that ends with the last of `steps`."""
    made = optimiser(parameters, recipe)
    if recipe.schedule == "cosine":
        return made, lr_scheduler.CosineAnnealingLR(made, steps)
    if recipe.schedule == "one-cycle":
        return made, lr_scheduler.OneCycleLR(made, recipe.learning_rate, total_steps=steps + 1)
    return made, lr_scheduler.ConstantLR(made, factor=1.0)


def rates(recipe: Recipe, *, steps: int) -> np.ndarray:
    """Each step's learning rate and beta1, as PyTorch's schedule gives them: (steps, 2)."""
    return _shape(recipe.schedule, recipe.betas, steps) * [recipe.learning_rate, 1.0]


@cache
def _shape(schedule: Any, betas: tuple[float, float], steps: int) -> np.ndarray:
    """`rates` at a learning rate of 1, which every schedule is proportional to."""
    recipe = Recipe(learning_rate=1.0, schedule=schedule, betas=betas)
    made, going = scheduled([nn.Parameter(torch.zeros(1))], recipe, steps=steps)
    group, found = made.param_groups[0], np.empty((steps, 2))
    for step in range(steps):
        found[step] = group["lr"], group["betas"][0]
        made.step()
        going.step()
    return found
