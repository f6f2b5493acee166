"""What a finished record's models cost, measured. This imports torch, which a run's parent does without.

A network costs the same whatever it has learnt: it is measured as it is built. Any other model is fitted
again with each fold's winner, since its cost (its support vectors, say) follows from its fit, and the largest
counts.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from functools import cache, partial

import msgspec

from benchmark.cost import latency, measure
from benchmark.execution import fit, fold_data
from benchmark.execution.task import Task
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from benchmark.records import schema
from benchmark.records.schema import Cost, FoldFacts, Record, Speed
from benchmark.storage import canonical
from protocols import folds
from protocols.contract import Model


def measured(record: Record, tasks: Sequence[Task], teacher: Cost | None) -> tuple[Cost, Speed]:
    """The cost and the speed of a record's models, one task a fold; `teacher` is what its teacher's cost."""
    data = [fold_data.load(task, folds.load(task.protocol)) for task in tasks]
    plugin = data[0].plugin
    hurried = record.board == "synthetic"  # there no number means anything
    if plugin.backend.is_network:
        # One fold of each size.
        sizes = {facts.parameters: json.dumps(facts.params) for facts in record.folds}
        found = [_network(plugin, len(record.labels), params) for params in sizes.values()]
        cost = max(found, key=lambda cost: cost.size)
        fast = _network_speed(plugin, hurried)
    else:
        models = [_refitted(*each) for each in zip(tasks, data, record.folds, strict=True)]
        cost, largest = _largest(plugin, models)
        fast = latency.measure(plugin, largest, measure.speech(schema.OFFICIAL), hurried=hurried)
    return msgspec.structs.replace(cost, training=training(record, teacher, tasks, data, cost)), fast


@cache
def _network(plugin: Plugin, n_classes: int, params: str) -> Cost:
    """A network with the same settings and classes is the same on every corpus."""
    return measure.of(plugin, measure.untrained(plugin, n_classes, params=json.loads(params)))


@cache
def _network_speed(plugin: Plugin, hurried: bool) -> Speed:
    """A class more or less is a row of the last matrix: no clock would tell."""
    return latency.measure(
        plugin, measure.untrained(plugin), measure.speech(schema.OFFICIAL), hurried=hurried
    )


def _refitted(task: Task, data: fold_data.Data, facts: FoldFacts) -> Model:
    model, data = fit.fresh(task, data, facts.params, part=0), data.given(facts.params)
    rows = data.parts.development
    try:
        context = fit.context(task, data, rows, part=0)
        model.fit(data.train(rows), None, epochs=facts.epochs, context=context)
    finally:
        shutil.rmtree(task.work, ignore_errors=True)  # the record is there: nothing is needed any more
    return model


def _largest(plugin: Plugin, models: Sequence[Model]) -> tuple[Cost, Model]:
    costs = [measure.of(plugin, model) for model in models]
    most = max(range(len(models)), key=lambda i: costs[i].size)
    return costs[most], models[most]


def training(
    record: Record, teacher: Cost | None, tasks: Sequence[Task], data: Sequence[fold_data.Data], cost: Cost
) -> int | None:
    """Multiply-adds of all fits, each row taken as 3 s long, without front ends; None where not counted.

    A trial that was asked for twice was fitted once. A teacher costs its own search, its fit on each train
    set, and a prediction wherever its student learns from a clip.
    """
    if cost.official.model is None or not data[0].plugin.backend.is_network:
        return None
    if teacher and teacher.training is None:
        return None
    total = (teacher.training or 0) if teacher else 0
    clip = sum(cost.official.model.values())
    for task, each, facts in zip(tasks, data, record.folds, strict=True):
        learnt = sum(_fits(each, facts))
        total += schema.FORWARD_AND_BACK * clip * learnt
        if teacher and task.teacher:
            inner = [] if task.winner else [train for train, _ in each.parts.inner]  # seed 0 alone searches
            winner, its = task.teacher.winner, plugins.load(task.teacher.model)
            taught = sum(map(len, [each.parts.development, *inner])) * (winner.epochs or 0)
            taught *= its.rows(winner.params, each.protocol)
            total += sum((teacher.official.model or {}).values()) * (
                schema.FORWARD_AND_BACK * taught + learnt
            )
    return total


def _fits(data: fold_data.Data, facts: FoldFacts) -> list[int]:
    """How many rows each fit of this fold has learnt from: clips, with copies where it has all, x epochs."""
    distinct = {canonical.line(trial.params): trial for trial in facts.trials}
    rows = partial(data.plugin.rows, protocol=data.protocol)
    clips = [len(train) for train, _ in data.parts.inner]
    inner = [
        clips[part] * epochs * rows(trial.params)  # a pruned trial has not begun all inner fits
        for trial in distinct.values()
        for part, epochs in enumerate(trial.trained or [])
    ]
    return [*inner, len(data.parts.development) * (facts.epochs or 0) * rows(facts.params)]
