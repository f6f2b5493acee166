"""Can a record's winners have come about by the rules: by a search, or as seed 0's that are refitted?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmark.execution import record_key
from benchmark.records.schema import TRIALS, FoldFacts, Record
from benchmark.training import inner_fits, study
from benchmark.verification import search_replay
from benchmark.verification.submission import Submission
from protocols.folds import Protocol


def search(found: Submission) -> Iterator[str]:
    """As many trials as the budget allows, and of them the best won. A seed that refits has none.

    Nor has any where the protocol has no search.
    """
    record = found.record
    if not found.protocol.search:
        yield from _own_settings(record)
        return
    for facts in record.folds:
        refits = record.seed != 0 and facts.epochs is not None
        wrong = _no_search(facts, record) if refits else _search(facts, record, found.protocol)
        yield from (f"fold {facts.fold}: {words}" for words in wrong)


def refits(record: Record) -> bool:
    """Whether its winners are seed 0's."""
    return record.seed != 0 and any(facts.epochs is not None for facts in record.folds)


def leader(found: Submission) -> Iterator[str]:
    """A seed that refits has the winners of seed 0, whose record lies beside it, with the same settings."""
    record, first = found.record, found.leader
    if not refits(record):
        return
    if first is None:
        yield f"seed {record.seed} refits seed 0's winners, but no readable seed-0.json lies beside it"
        return
    for difference in record_key.differences(first.key, {**record.key, "seed": first.key.get("seed")}):
        yield f"its key is not seed 0's: {difference}"
    of_first = {facts.fold: facts for facts in first.folds}
    for facts in record.folds:
        led_by = of_first.get(facts.fold)
        if led_by is None or facts.epochs is None:
            continue
        if _winner(led_by) != _winner(facts):
            yield f"fold {facts.fold}: its parameters, epochs or temperature are not seed 0's"
        if led_by.inner_uar != facts.inner_uar:
            yield f"fold {facts.fold}: its inner UAR is not seed 0's"


def proposals(found: Submission) -> Iterator[str]:
    """The trials of the first round, which depend on no result, are those that the sampler draws."""
    if not any(search(found)) and not search_replay.other_versions(found.record):
        yield from _strangers(found, most=study.ROUND)


def later_proposals(found: Submission) -> Iterator[str]:
    """Likewise a full budget's, for a note: of two equally good another processor may take the other.

    So may other versions of what proposes. A record names its versions itself, and is not let off by them.
    """
    if any(search(found)) or any(proposals(found)):
        return
    others = ", ".join(search_replay.other_versions(found.record))
    for words in _strangers(found, most=TRIALS):
        yield f"{words} (here with {others})" if others else words


def _strangers(found: Submission, *, most: int) -> Iterator[str]:
    for facts in found.record.folds if search_replay.possible(found) else ():
        if facts.trials and (words := search_replay.wrong(found, facts, most=most)):
            yield f"fold {facts.fold}: {words}"


def _own_settings(record: Record) -> Iterator[str]:
    if record.budget.trials != 1:
        yield f"its budget is {record.budget.trials} trials, but its protocol has no search"
    for facts in record.folds:
        if facts.trials or facts.pooled or facts.curves or facts.inner_uar is not None:
            yield f"fold {facts.fold}: it states a search, but its protocol has none"
        if facts.params != record.key.get("defaults") or facts.temperature != 1:
            yield f"fold {facts.fold}: its setting is not the model's own, uncalibrated"


def _no_search(facts: FoldFacts, record: Record) -> Iterator[str]:
    if facts.trials:
        yield f"seed {record.seed} lists trials, but refits the winners of seed 0, which have epochs"


def _search(facts: FoldFacts, record: Record, protocol: Protocol) -> Iterator[str]:
    wanted = record.budget.trials if record.space else 1  # nothing to search takes one trial
    if len(facts.trials) != wanted:
        yield f"it lists {len(facts.trials)} trials, but its budget is {wanted}"
    tried = [trial for trial in facts.trials if trial.state == "complete"]
    if any(trial.uar is None or trial.cross_entropy is None for trial in tried):
        yield "a trial is complete, but has no UAR or no cross-entropy"
        return
    if not tried:
        yield "none of its trials is complete"
        return
    if facts.trials[0].params != record.key.get("defaults"):
        yield "trial 0 is not the model's own setting"
    winner = study.best(tried, minimise=protocol.objective == "cross-entropy")
    epochs = winner.epochs[0] if winner.epochs else None
    if (winner.params, epochs) != (facts.params, facts.epochs):
        yield "its parameters or epochs are not those of its best trial"
    if any(len(set(trial.epochs or [0])) > 1 for trial in facts.trials):
        yield "the inner folds of a trial do not share an epoch"
    if facts.inner_uar not in (None, winner.uar):
        yield "its inner UAR is not its best trial's"
    curve = inner_fits.merits(facts.pooled, minimise=protocol.objective == "cross-entropy")
    if facts.pooled and inner_fits.best_place(curve) != (facts.epochs or 0) - 1:
        yield "its epochs are not those that its pooled curve chooses"


def _winner(facts: FoldFacts) -> tuple[Any, ...]:
    return facts.params, facts.epochs, facts.temperature
