"""What a record tells of its search: whether it searched, and how far its inner folds flatter it."""

from __future__ import annotations

import numpy as np

from benchmark.records.schema import FoldFacts, Record


def searched(record: Record) -> bool:
    """Whether this seed searched by itself, rather than refit seed 0's winners."""
    return any(facts.trials for facts in record.folds)


def inner_uar(record: Record) -> float | None:
    """UAR on the inner folds, of the winner of each outer fold: the mean of these.

    None where it is not known: of records of training version 1 that refit seed 0's winners.
    """
    known = [uar for facts in record.folds if (uar := _inner_uar(facts)) is not None]
    return float(np.mean(known)) if known and len(known) == len(record.folds) else None


def optimism(record: Record) -> float | None:
    """Inner UAR minus test UAR: what choosing a winner on the clips that score it adds to its score."""
    uar = inner_uar(record)
    return None if uar is None else uar - record.scores.uar


def _inner_uar(facts: FoldFacts) -> float | None:
    if facts.inner_uar is not None:
        return facts.inner_uar
    won = (trial.uar for trial in facts.trials if trial.state == "complete" and trial.params == facts.params)
    return next(won, None)
