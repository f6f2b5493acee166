"""All that chance decides in one epoch of one fit, drawn at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from protocols.contract import Recipe


@dataclass(frozen=True)
class EpochPlan:
    """One epoch. Its n rows stand in the order in which they are trained on, batch after batch."""

    order: np.ndarray  # (n,) places among the fit's training clips
    copies: np.ndarray  # (n,) 0: the clip itself, k: its k-th augmented copy
    partners: np.ndarray  # (n,) with which of its batch each is mixed, by place in the batch
    luck: np.ndarray  # (n, augmentations, 3) in [0, 1): how much, where, and whether at all
    shares: np.ndarray  # (batches,) that a clip keeps where clips are mixed, else 1
    seeds: np.ndarray  # (batches,) of dropout
    sizes: np.ndarray  # (batches,) rows; they differ by one at most


def drawn(n: int, recipe: Recipe, *, copies: int, seed: int, epoch: int) -> EpochPlan:
    """The epoch's plan for n clips with so many copies each: it depends on these arguments alone."""
    rng = np.random.default_rng([seed, epoch])
    held = rows(n, recipe, copies=copies)
    sizes = batch_sizes(held, recipe.batch_size)
    first = np.repeat(np.cumsum(sizes) - sizes, sizes)  # (rows,) where each row's batch begins
    number, order = np.divmod(rng.permutation(held), n)
    if recipe.copies == "one":
        number = rng.integers(1 + copies, size=n)
    return EpochPlan(
        order=order,
        copies=number,
        partners=np.lexsort([rng.random(held), first]) - first,  # each batch in an order of its own
        luck=rng.random((held, len(recipe.augmentation), 3)),
        shares=rng.beta(recipe.mixup, recipe.mixup, len(sizes)) if recipe.mixup else np.ones(len(sizes)),
        seeds=rng.integers(2**31, size=len(sizes)),
        sizes=sizes,
    )


def rows(n: int, recipe: Recipe, *, copies: int) -> int:
    """How many rows an epoch of n clips with so many copies each holds."""
    return n * (1 + copies) if recipe.copies == "all" else n


def batch_sizes(n: int, batch_size: int) -> np.ndarray:
    """As few batches as hold n rows, of equal size or one more, the larger first."""
    batches = -(-n // batch_size)
    return n // batches + (np.arange(batches) < n % batches)
