"""Adam and AdamW for M networks at once, each with a learning rate, decay and clipping of its own."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from protocols.contract import Recipe

EPS = 1e-8  # PyTorch's default


class StackedAdam:
    """Moves `weights` (M, P), one row a network, as torch.optim would move each row by itself.

    Kingma and Ba, ICLR 2015; decoupled decay: Loshchilov and Hutter, ICLR 2019.
    """

    def __init__(self, weights: torch.Tensor, recipes: Sequence[Recipe]) -> None:
        self.weights = weights
        self.first, self.second = torch.zeros_like(weights), torch.zeros_like(weights)
        self.steps = weights.new_zeros(len(weights), 1, dtype=torch.float64)
        self.beta2 = self.steps.new_tensor([recipe.betas[1] for recipe in recipes])[:, None]
        column = lambda values: torch.tensor([*values], dtype=weights.dtype, device=weights.device)[:, None]  # noqa: E731
        self.decay = column(recipe.weight_decay for recipe in recipes)  # (M, 1), as all that follow
        self.decoupled = column(float(recipe.optimiser == "adamw") for recipe in recipes)
        self.clip = column(torch.inf if recipe.clip_norm is None else recipe.clip_norm for recipe in recipes)
        self.clips = any(recipe.clip_norm is not None for recipe in recipes)
        self.adds_decay = any(recipe.optimiser == "adam" and recipe.weight_decay for recipe in recipes)

    @torch.no_grad()
    def step(
        self,
        gradients: torch.Tensor,
        *,
        rate: torch.Tensor,
        beta1: torch.Tensor,
        active: torch.Tensor,
        live: torch.Tensor | None = None,
    ) -> None:
        """One step by `gradients` (M, P), which it overwrites.

        `rate` and `beta1` are (M, 1), `active` (M, 1) is 0 where a network rests, and `live` (P,) where a
        weight has no gradient: PyTorch leaves such a weight alone and does not count the step.
        """
        g = gradients
        if live is not None:
            active = active * live  # (M, P)
            if self.steps.shape != active.shape:
                self.steps = self.steps.expand_as(active).clone()
        if self.clips:
            g.mul_((self.clip / (torch.linalg.vector_norm(g, dim=1, keepdim=True) + 1e-6)).clamp(max=1))
        if self.adds_decay:
            g.addcmul_(self.weights, self.decay * (1 - self.decoupled))
        self.steps += active
        taken = self.steps.clamp(min=1)
        self.first.lerp_(g, (1 - beta1) * active)
        self.second.lerp_(g.square_(), (1 - self.beta2).to(g.dtype) * active)
        size = (1 - self.beta2**taken).rsqrt().to(g.dtype)  # of the second moment's root
        length = (active * rate / (1 - beta1.double() ** taken)).to(g.dtype)
        torch.sqrt(self.second, out=g).mul_(size).add_(EPS)
        self.weights.mul_(1 - active * rate * self.decay * self.decoupled)
        self.weights.addcmul_(self.first / g, -length)

    def state(self, m: int) -> dict[str, torch.Tensor]:
        """What PyTorch's optimiser would keep of network m's weights, by its names: (P,) each."""
        steps = self.steps[m].expand_as(self.first[m])
        return {"exp_avg": self.first[m], "exp_avg_sq": self.second[m], "step": steps}

    def load_state(self, *, exp_avg: torch.Tensor, exp_avg_sq: torch.Tensor, step: torch.Tensor) -> None:
        """Go on from the rows that `state` gave: (M, P) each."""
        self.first.copy_(exp_avg)
        self.second.copy_(exp_avg_sq)
        alike = bool((step == step[:, :1]).all())
        self.steps = (step[:, :1] if alike else step).to(self.steps).clone()
