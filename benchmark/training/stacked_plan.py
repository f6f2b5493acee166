"""The epochs of M fits side by side, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from benchmark.training import epoch_plan
from benchmark.training.epoch_plan import EpochPlan
from benchmark.training.optimiser import rates
from protocols.contract import Recipe


class StackedPlan(NamedTuple):
    """One epoch: K steps of b rows of each fit, as arrays or as tensors. What a fit lacks is padding.

    A fit that has fewer batches than others rests in the last steps, on whatever clips stand there. Without
    its first axis it is one step's.
    """

    clips: Any  # (K, M, b) int64, by place among all clips and their copies
    partners: Any  # (K, M, b) int64, places in the batch
    seeds: Any  # (K, M) int64, of dropout
    real: Any  # (K, M, b) 1, or 0 on padding
    luck: Any  # (K, augmentations, 3, M, b)
    shares: Any  # (K, M) that clips keep where they are mixed
    active: Any  # (K, M) 1, or 0 where a fit rests
    rates: Any  # (K, M) learning rates
    betas: Any  # (K, M) of the first moment


class Planner:
    """Plans every epoch of M fits, each as `epoch_plan.drawn` plans it for one. Shapes stay the same."""

    def __init__(
        self,
        recipes: Sequence[Recipe],
        rows: Sequence[np.ndarray],
        *,
        seeds: Sequence[int],
        epochs: Sequence[int],
        clips: int,
        copies: int,
    ) -> None:
        """`rows` are each fit's training clips, by place among `clips`, of which each has so many copies."""
        self.recipes, self.rows, self.seeds, self.epochs = recipes, rows, seeds, epochs
        self.clips, self.copies = clips, copies
        self.held = [  # rows of each fit's epochs
            epoch_plan.rows(len(own), recipe, copies=copies)
            for own, recipe in zip(rows, recipes, strict=True)
        ]
        sizes = [
            epoch_plan.batch_sizes(held, recipe.batch_size)
            for held, recipe in zip(self.held, recipes, strict=True)
        ]
        self.steps, self.b = max(map(len, sizes)), int(max(own[0] for own in sizes))
        self.paces = [  # (epochs, batches, 2) of each fit
            rates(recipe, steps=most * len(own)).reshape(most, len(own), 2)
            for recipe, most, own in zip(recipes, epochs, sizes, strict=True)
        ]

    def plan(self, epoch: int) -> StackedPlan:
        """The epoch, from 1 on; a fit without so many rests throughout."""
        found = self._rest()
        for fit, (recipe, own) in enumerate(zip(self.recipes, self.rows, strict=True)):
            if epoch <= self.epochs[fit]:
                plan = epoch_plan.drawn(
                    len(own), recipe, copies=self.copies, seed=self.seeds[fit], epoch=epoch
                )
                _put(found, fit, plan, plan.copies * self.clips + own[plan.order])
                pace = self.paces[fit][epoch - 1]
                found.rates[: len(pace), fit], found.betas[: len(pace), fit] = pace.T
        return found

    def _rest(self) -> StackedPlan:
        k, m, b = self.steps, len(self.rows), self.b
        some = np.array([own[0] for own in self.rows])[:, None]  # (M, 1)
        return StackedPlan(
            clips=np.tile(some, (k, 1, b)).astype(np.int64),
            partners=np.tile(np.arange(b), (k, m, 1)),
            seeds=np.zeros((k, m), dtype=np.int64),
            real=np.ones((k, m, b)),
            luck=np.zeros((k, len(self.recipes[0].augmentation), 3, m, b)),
            shares=np.ones((k, m)),
            active=np.zeros((k, m)),
            rates=np.zeros((k, m)),
            betas=np.full((k, m), 0.9),
        )


def _put(stacked: StackedPlan, fit: int, plan: EpochPlan, clips: np.ndarray) -> None:
    batches = len(plan.sizes)
    real = np.arange(stacked.clips.shape[2]) < plan.sizes[:, None]  # (batches, b)
    stacked.clips[:batches, fit][real] = clips
    stacked.partners[:batches, fit][real] = plan.partners
    stacked.luck[:batches, :, :, fit].transpose(0, 3, 1, 2)[real] = plan.luck
    stacked.real[:batches, fit] = real
    stacked.shares[:batches, fit], stacked.seeds[:batches, fit] = plan.shares, plan.seeds
    stacked.active[:batches, fit] = 1
