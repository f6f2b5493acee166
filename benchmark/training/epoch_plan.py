"""All that chance decides in one epoch of one fit, drawn at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols.contract import Recipe


@dataclass(frozen=True)
class EpochPlan:
    """One epoch. Its n clips stand in the order in which they are trained on, batch after batch."""

    order: np.ndarray  # (n,) places among the fit's training clips
    copies: np.ndarray  # (n,) 0: the clip itself, k: its k-th augmented copy
    partners: np.ndarray  # (n,) with which of its batch each is mixed, by place in the batch
    luck: np.ndarray  # (n, augmentations, 3) in [0, 1): how much, where, and whether at all
    shares: np.ndarray  # (batches,) that a clip keeps where clips are mixed, else 1
    seeds: np.ndarray  # (batches,) of dropout
    sizes: np.ndarray  # (batches,) clips; they differ by one at most


def drawn(n: int, recipe: Recipe, *, copies: int, seed: int, epoch: int) -> EpochPlan:
    """The epoch's plan for n clips with so many copies each: it depends on these arguments alone."""
    rng = np.random.default_rng([seed, epoch])
    sizes = batch_sizes(n, recipe.batch_size)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)  # (n,) where each clip's batch begins
    return EpochPlan(
        order=rng.permutation(n),
        copies=rng.integers(1 + copies, size=n),
        partners=np.lexsort([rng.random(n), first]) - first,  # each batch in an order of its own
        luck=rng.random((n, len(recipe.augmentation), 3)),
        shares=rng.beta(recipe.mixup, recipe.mixup, len(sizes)) if recipe.mixup else np.ones(len(sizes)),
        seeds=rng.integers(2**31, size=len(sizes)),
        sizes=sizes,
    )


def batch_sizes(n: int, batch_size: int) -> np.ndarray:
    """As few batches as hold n clips, of equal size or one more, the larger first."""
    batches = -(-n // batch_size)
    return n // batches + (np.arange(batches) < n % batches)
