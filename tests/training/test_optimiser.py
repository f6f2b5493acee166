"""A schedule's rates, and M optimisers at once, against PyTorch's own."""

import numpy as np
import pytest
import torch
from torch import nn

from benchmark.training import optimiser
from benchmark.training.stacked_optimiser import StackedAdam
from protocols.contract import Recipe


@pytest.mark.parametrize("schedule", ["constant", "cosine", "one-cycle"])
def test_rates_are_the_schedules(schedule):
    recipe = Recipe(learning_rate=3e-3, schedule=schedule, betas=(0.93, 0.98))
    parameter = nn.Parameter(torch.zeros(1))
    own, going = optimiser.scheduled([parameter], recipe, steps=9)
    for rate, beta1 in optimiser.rates(recipe, steps=9):
        assert (rate, beta1) == pytest.approx((own.param_groups[0]["lr"], own.param_groups[0]["betas"][0]))
        own.step()
        going.step()
    assert len(optimiser.rates(recipe, steps=9)) == 9


RECIPES = [
    Recipe(learning_rate=1e-2, weight_decay=0.1, schedule="constant"),
    Recipe(learning_rate=3e-2, optimiser="adam", clip_norm=None, schedule="cosine", betas=(0.93, 0.98)),
    Recipe(learning_rate=2e-2, weight_decay=0.0, clip_norm=0.2, schedule="one-cycle"),
]


def test_rows_move_as_optimisers_of_their_own():
    """The second rests in step 2; the last three weights have a gradient from step 3 on."""
    start = torch.randn(3, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    gradients = torch.randn(5, 3, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(1))
    stacked, live = StackedAdam(start.clone(), RECIPES), torch.tensor([1.0] * 5 + [0.0] * 3)
    paces = np.stack([optimiser.rates(recipe, steps=5) for recipe in RECIPES], axis=1)  # (5, 3, 2)
    for step, pace in enumerate(torch.from_numpy(paces)):
        given = gradients[step] * (live if step < 2 else 1)
        active = torch.tensor([1, float(step != 1), 1], dtype=torch.float64)[:, None]
        columns = {"rate": pace[:, :1], "beta1": pace[:, 1:], "active": active}
        stacked.step(given.clone(), live=live if step < 2 else None, **columns)
    for m, recipe in enumerate(RECIPES):
        parts = [nn.Parameter(part.clone()) for part in start[m].split([5, 3])]
        own, _ = optimiser.scheduled(parts, recipe, steps=5)
        assert own.param_groups[0]["betas"][1] == recipe.betas[1]
        for step in range(5):
            if m == 1 and step == 1:
                continue
            own.param_groups[0]["lr"], beta1 = paces[step, m]
            own.param_groups[0]["betas"] = (beta1, recipe.betas[1])
            for part, gradient in zip(parts, gradients[step, m].split([5, 3]), strict=True):
                part.grad = gradient.clone()
            if step < 2:
                parts[1].grad = None
            if recipe.clip_norm is not None:
                nn.utils.clip_grad_norm_(parts, recipe.clip_norm)
            own.step()
        torch.testing.assert_close(stacked.weights[m], torch.cat([part.detach() for part in parts]))
