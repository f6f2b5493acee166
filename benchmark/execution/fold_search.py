"""The search inside one outer fold, and the facts that a record keeps of it."""

from __future__ import annotations

from collections.abc import Sequence

from benchmark.execution import search_round
from benchmark.execution.fold_data import Data
from benchmark.execution.task import Task
from benchmark.records.schema import FoldFacts, Trial
from benchmark.training import study
from benchmark.training.asking import Asking
from benchmark.training.study import Outcome


def search(task: Task, data: Data) -> Asking[tuple[FoldFacts, list[Outcome]]]:
    """What won, and all outcomes, each once. It asks for fits, by `Want`, and is sent their `Progress`.

    Where the protocol has no search, the model's own setting wins untried.
    """
    if not data.protocol.search:
        return _own_setting(task, data), []
    minimise = data.protocol.objective == "cross-entropy"
    outcomes = yield from study.search(
        data.plugin,
        lambda asked, earlier: search_round.evaluate(task, data, asked, earlier),
        trials=task.budget.trials,
        seed=task.seed,
        fold=task.fold,
        minimise=minimise,
    )
    facts = _facts(task, data, outcomes, study.best(outcomes, minimise=minimise))
    return facts, list({id(outcome): outcome for outcome in outcomes}.values())


def _own_setting(task: Task, data: Data) -> FoldFacts:
    """For all epochs of its recipe; uncalibrated, since nothing validates."""
    plugin, params = data.plugin, dict(data.plugin.model.defaults)
    most = plugin.backend.most_epochs(plugin.model, params)
    return FoldFacts(
        fold=task.fold,
        test=_tested(data),
        params=params,
        epochs=min(most, task.budget.epochs or most) if most else None,
        temperature=1.0,
        parameters=None,
        trials=[],
    )


def _tested(data: Data) -> list[str]:
    return sorted({data.clips[row].speaker for row in data.parts.test})


def _facts(task: Task, data: Data, outcomes: Sequence[Outcome], winner: Outcome) -> FoldFacts:
    assert winner.temperature is not None
    return FoldFacts(
        fold=task.fold,
        test=_tested(data),
        params=winner.params,
        epochs=winner.epochs[0] if winner.epochs else None,
        temperature=winner.temperature,
        parameters=None,
        trials=[
            Trial(
                params=outcome.params,
                state=outcome.state,  # type: ignore[arg-type]
                uar=outcome.uar,
                cross_entropy=outcome.cross_entropy,
                epochs=outcome.epochs,
                trained=outcome.trained,
            )
            for outcome in outcomes
        ],
        curves=winner.curves,
        pooled=winner.pooled,
        inner_uar=winner.uar,
    )
