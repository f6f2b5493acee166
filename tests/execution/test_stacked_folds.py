"""Folds whose fits are done as stacks come to what they come to one fit after another."""

import itertools
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
import runs
import torch

from benchmark.execution import fit as fit_module
from benchmark.execution import (
    fit_store,
    fitting,
    fold,
    fold_data,
    jobs,
    model_store,
    open_fit,
    scheduler,
    stacked_fitting,
    stacked_folds,
)
from benchmark.execution.open_fit import Open
from benchmark.execution.task import Teacher
from benchmark.models import plugins
from benchmark.records import record_files
from benchmark.training import asking, inner_fits
from protocols import folds

pytestmark = pytest.mark.usefixtures("as_in_a_worker")
NETWORK = str(Path(runs.TOY).with_name("small_network.py"))
LEVEL = str(Path(runs.TOY).with_name("level_network.py"))
STUDENT = str(Path(runs.TOY).with_name("small_student.py"))
WIDTH = 9  # three trials on three inner folds


@pytest.fixture(scope="module")
def wanted(tmp_path_factory):
    """Two folds, one fit after another."""
    tasks = made(tmp_path_factory.mktemp("plain"))
    for task in tasks:
        fold.run(task)
    return [fold.read(task.result) for task in tasks]


def made(folder, *, model=NETWORK, trials=6):
    """Two folds of the small network on the embedded SAVEE, a search of two rounds."""
    planned = runs.planned(folder, models=(model,), trials=trials)
    return [
        replace(task, budget=msgspec.structs.replace(task.budget, epochs=12))
        for task in jobs.tasks(planned.jobs[0])
    ]


def assert_same(tasks, wanted):
    for task, other in zip(tasks, wanted, strict=True):
        fold.run(task)
        found = fold.read(task.result)
        np.testing.assert_allclose(found.probabilities, other.probabilities, atol=2e-3)
        assert found.facts.params == other.facts.params
        assert [(trial.state, trial.trained, trial.epochs) for trial in found.facts.trials] == [
            (trial.state, trial.trained, trial.epochs) for trial in other.facts.trials
        ]
        curves = [inner_fits.merits(each.facts.pooled, minimise=False) for each in (found, other)]
        np.testing.assert_allclose(curves[0], curves[1], atol=0.02)
        assert sum(found.fitted.values()) == sum(other.fitted.values())
        assert found.facts.parameters == other.facts.parameters


def test_folds_filled_by_stacks_are_those_of_single_fits(tmp_path, wanted):
    tasks = made(tmp_path)
    assert stacked_folds.fill(tasks, width=WIDTH) == []
    assert_same(tasks, wanted)
    assert {where for task in tasks for where in fold.read(task.result).fitted} == {"cpu, stack of 9"}


def test_fits_with_and_without_a_clips_level_share_a_stack(tmp_path):
    ways = [made(tmp_path / name, model=LEVEL, trials=5)[:1] for name in ("plain", "stacked")]
    fold.run(*ways[0])
    wanted = fold.read(ways[0][0].result)
    assert {trial.params["level"] for trial in wanted.facts.trials} == {"kept", "removed"}
    assert stacked_folds.fill(ways[1], width=15) == []
    assert_same(ways[1], [wanted])


def test_what_stacks_began_is_ended_one_by_one(tmp_path, wanted):
    tasks, looks = made(tmp_path), itertools.count()
    left = stacked_folds.fill(tasks, width=WIDTH, enough=lambda: next(looks) >= 15)
    assert left == [(task, "") for task in tasks]
    assert_same(tasks, wanted)
    where = sum((Counter(fold.read(task.result).fitted) for task in tasks), Counter())
    assert where["cpu"]


@pytest.mark.slow
def test_what_was_begun_one_by_one_is_ended_by_stacks(tmp_path, wanted):
    tasks, left = made(tmp_path), itertools.count(-20)

    def interrupted(task, data, wants):
        for want in wants:
            if next(left) == 0:
                raise KeyboardInterrupt
            yield from fitting.do(task, data, [want])

    data = fold_data.load(tasks[0], folds.load(tasks[0].protocol))
    with pytest.raises(KeyboardInterrupt):
        asking.finish(fold.steps(tasks[0], data), lambda wants: list(interrupted(tasks[0], data, wants)))
    assert stacked_folds.fill(tasks, width=WIDTH) == []
    assert_same(tasks, wanted)


@pytest.mark.slow
def test_killed_between_any_writes_it_loses_none(tmp_path, wanted, monkeypatch):
    tasks, write, written = made(tmp_path), fit_store.write, Counter()
    calls = itertools.count(1)

    def dying(task, want, progress):
        if next(calls) % 5 == 0:
            raise KeyboardInterrupt
        written[task.fold, str(want.params), want.part, len(progress.fit.epochs)] += 1
        write(task, want, progress)

    monkeypatch.setattr(fit_store, "write", dying)
    kills = 0
    while True:
        try:
            assert stacked_folds.fill(tasks, width=WIDTH) == []
            break
        except KeyboardInterrupt:
            kills += 1
    assert kills > 5
    assert set(written.values()) == {1}
    monkeypatch.undo()
    assert_same(tasks, wanted)


def opened(task, params, *, part=1, until=4, kept=None):
    data = fold_data.load(task, folds.load(task.protocol))
    want = fit_store.Want(params=params, part=part, epochs=12, by_epoch=bool(part), until=until)
    return Open(task, data, want, kept)


def test_what_is_alike_and_how_far_it_is_taken(tmp_path):
    first, second = made(tmp_path)
    one = opened(first, {"learning_rate": 0.01})
    others = [
        opened(second, {"learning_rate": 0.02}, part=2),
        opened(replace(first, seed=3), {"learning_rate": 0.01}, until=6),
        opened(first, {"learning_rate": 0.01}, part=0, until=None),
    ]
    assert {open_fit.alike(each) for each in others} == {open_fit.alike(one)}
    assert [each.goal for each in (one, *others)] == [4, 4, 6, 12]
    [kept] = fitting.do(first, one.data, [one.want])
    further = one._replace(kept=kept, want=replace(one.want, until=5))
    assert (further.start, further.goal) == (4, 8)
    assert open_fit.alike(further) != open_fit.alike(one)
    elsewhere = [
        replace(first, numerics="tf32"),
        replace(first, model="other"),
        replace(first, protocol="other"),
        replace(first, features=()),
    ]
    for task in elsewhere:
        assert open_fit.alike(one._replace(task=task)) != open_fit.alike(one)


def test_where_memory_is_short_stacks_are_half_as_wide(monkeypatch):
    seen = []

    def train(ones, width, enough):  # noqa: ARG001
        if width > 3:
            raise torch.OutOfMemoryError
        seen.append((len(ones), width))

    monkeypatch.setattr(stacked_fitting, "_train", train)
    stacked_fitting.do(list(range(9)), width=6)
    assert seen == [(3, 3), (3, 3), (3, 3)]


def test_the_weights_that_are_wanted_of_a_last_fit_are_there(tmp_path):
    (task, _), asked = made(tmp_path, trials=1), []
    assert stacked_folds.fill([task], width=3) == []
    kept = replace(task, keep=True)
    assert stacked_folds.fill([kept], width=3) == []
    data = fold_data.load(kept, folds.load(task.protocol))

    def answer(wants):
        asked.extend(wants)
        return [fit_store.read(kept, want) for want in wants]

    asking.finish(fold.steps(kept, data), answer)
    [last] = asked  # the round has ended
    progress = fit_store.read(kept, last)
    model = fit_module.fresh(kept, data, last.params, part=0)
    model_store.restore(model, model_store.decode(task.work, progress.weights))
    found = fit_module.tested(model, data, task.key)
    np.testing.assert_allclose(found, progress.fit.probabilities[0], atol=1e-5)


@pytest.mark.slow
def test_students_learn_from_their_own_teachers(tmp_path, wanted):
    teachers = [Teacher(NETWORK, result.facts) for result in wanted]
    both = []
    for folder in ("plain", "stacked"):
        tasks = [
            replace(task, model=STUDENT, teacher=teacher)
            for task, teacher in zip(made(tmp_path / folder, trials=2), teachers, strict=True)
        ]
        if folder == "stacked":
            assert stacked_folds.fill(tasks, width=WIDTH) == []
        for task in tasks:
            fold.run(task)
        both.append(tasks)
    assert_same(both[1], [fold.read(task.result) for task in both[0]])


def test_a_run_gives_networks_to_stacks_before_their_folds(tmp_path, monkeypatch):
    monkeypatch.setattr(scheduler, "STACKED", ("cpu",))
    planned = runs.planned(tmp_path, models=(NETWORK, runs.TOY), seeds=2)
    failed, _ = runs.run(planned)
    assert not failed
    fitted = [set(record_files.read(job.record).run.fitted) for job in planned.jobs]
    assert fitted == [{"cpu, stack of 60"}] * 2 + [{"cpu"}] * 2


def test_what_does_not_stack_is_left(tmp_path, monkeypatch):
    tasks = made(tmp_path)
    model = plugins.load(NETWORK).model
    monkeypatch.setattr(model, "info", replace(model.info, stackable=False))
    stacked_fitting._reason_against.cache_clear()
    assert stacked_folds.fill(tasks, width=WIDTH) == [
        (task, "its info says stackable=False") for task in tasks
    ]
    stacked_fitting._reason_against.cache_clear()
    mixed = [replace(task, numerics="bf16") for task in tasks]
    assert stacked_folds.fill(mixed, width=WIDTH) == [
        (task, "mixed precision is not stacked") for task in mixed
    ]
    toys = jobs.tasks(runs.planned(tmp_path / "toy").jobs[0])
    assert stacked_folds.fill(toys) == [(task, "it is no network") for task in toys]


def test_a_run_says_which_networks_are_not_stacked(tmp_path, monkeypatch):
    monkeypatch.setattr(scheduler, "STACKED", ("cpu",))
    planned = runs.planned(tmp_path, models=(NETWORK,), numerics="bf16")
    assert unstacked(planned) == ["2 of 2 folds: mixed precision is not stacked"]


def test_a_run_goes_on_where_the_worker_of_the_stacks_dies(tmp_path, monkeypatch):
    monkeypatch.setattr(scheduler, "STACKED", ("cpu",))
    monkeypatch.setattr(scheduler, "_fill", die)
    assert unstacked(runs.planned(tmp_path, models=(NETWORK,))) == [
        "its worker process died (out of memory?)"
    ]


def unstacked(planned):
    """Why folds of a run were trained fit by fit, all of them to their ends."""
    failed, events = runs.run(planned)
    assert not failed
    assert set(record_files.read(planned.jobs[0].record).run.fitted) == {"cpu"}
    return [event.detail for event in events if event.kind == "unstacked"]


def die(tasks):  # noqa: ARG001
    os._exit(1)
