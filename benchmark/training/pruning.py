"""Cuts trials short: a round is halved, and each trial has patience (docs/rules.md#tuning).

Halving: Jamieson and Talwalkar, "Non-stochastic best arm identification", AISTATS 2016; also against the
trials of earlier rounds: Li et al., "A system for massively parallel hyperparameter tuning", MLSys 2020.
Patience: Prechelt, "Early stopping - but when?", 1998.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmark.training import inner_fits

ALONE, TOGETHER = 2 / 5, 1 / 3  # of the epochs that can be chosen: by the first inner fold, by all of them
KEPT = 2 / 5  # of trials go on
PATIENCE = 0.3  # of the epochs, without a better one

Merit = tuple[float, float]  # the weightier first, higher is better


def rungs(folds: int) -> list[tuple[int, float]]:
    """How often a round of so many inner folds is halved: by how many of them, after what share of epochs."""
    return [(1, ALONE), (folds, TOGETHER)] if folds > 1 else [(1, TOGETHER)]


def work(folds: int) -> float:
    """About what part of all its trials' epochs a search trains, if two in five go on each time."""
    trained, going, total = np.zeros(folds), 1.0, 0.0
    for first, share in [*rungs(folds), (folds, 1.0)]:
        farther = np.maximum(trained, np.where(np.arange(folds) < first, share, 0.0))
        total += going * float((farther - trained).mean())
        trained, going = farther, going * KEPT
    return total


def rung_epoch(share: float, epochs: int, *, distilling: int) -> int:
    """The epoch after which a round is halved; the first `distilling` of all `epochs` cannot be chosen."""
    return distilling + max(1, int(share * (epochs - distilling)))


def survivors(merits: Mapping[int, Merit], earlier: Sequence[Merit] = ()) -> set[int]:
    """Which trials go on, by their numbers: the best of the round, earlier ones first where equal.

    They must also be among as large a part of all that came to this point, in `earlier` rounds too. Trial 0
    goes on however it stands: a paper's small learning rate starts slowly.
    """
    ranked = sorted(merits, key=lambda number: (merits[number], -number), reverse=True)
    best = sorted([*earlier, *merits.values()], reverse=True)[: _kept(len(earlier) + len(merits))]
    going = {number for number in ranked[: _kept(len(merits))] if merits[number] >= best[-1]}
    return going | (merits.keys() & {0})


def _kept(trials: int) -> int:
    return int(np.ceil(KEPT * trials))


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
