"""Cuts trials short: a round is halved once, and each trial has patience (docs/rules.md#tuning).

Both look at a trial's pooled curve, since its inner folds share an epoch. Halving: one step of Jamieson and
Talwalkar, "Non-stochastic best arm identification", AISTATS 2016. Patience: Prechelt, "Early stopping - but
when?", 1998.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from benchmark.training import inner_fits

RUNG = 1 / 3  # of the epochs that can be chosen, after which a round is halved
KEPT = 2 / 5  # of its trials go on
PATIENCE = 0.3  # of the epochs, without a better one


def rung(epochs: int, *, distilling: int) -> int:
    """The epoch after which a round is halved; the first `distilling` epochs cannot be chosen."""
    return distilling + max(1, int(RUNG * (epochs - distilling)))


def survivors(merits: Mapping[int, tuple[float, float]]) -> set[int]:
    """Which trials go on, by their numbers: the best of the round, earlier ones first where equal.

    Trial 0 goes on too: a paper's small learning rate starts slowly.
    """
    ranked = sorted(merits, key=lambda number: (merits[number], -number), reverse=True)
    return {*ranked[: int(np.ceil(KEPT * len(merits)))], *(merits.keys() & {0})}


def ended(curve: np.ndarray, epochs: int) -> int | None:
    """The epoch after which patience ends, since none that came later was better; None if it lasts.

    `curve`: the objective after each epoch so far, higher is better; `epochs`: those planned.
    """
    patience = max(inner_fits.WINDOW, int(np.ceil(PATIENCE * epochs)))
    for epoch in range(patience + 1, len(curve) + 1):
        best = inner_fits.best_place(curve[:epoch])
        if best is not None and epoch - (best + 1) >= patience:
            return epoch
    return None
