"""The order in which jobs begin."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from benchmark.execution.order import Order


def job(model, seed=0, teacher=None) -> Any:
    return SimpleNamespace(
        record=f"{model} {seed}", leader=f"{model} 0", seed=seed, teacher=teacher, name=f"{model} {seed}"
    )


def begun(order, take=lambda _job: True):
    """The names of the jobs that may begin now."""
    found = []
    while job := order.begin(take):
        found.append(job.name)
    return found


def test_other_seeds_follow_seed_0_and_a_student_its_teacher():
    teacher = job("teacher")
    todo = [job("student", 0, teacher), job("student", 1, teacher), teacher, job("toy", 1), job("toy", 0)]
    order = Order(todo)
    assert begun(order) == ["teacher 0", "toy 0"]
    order.ended(todo[4])
    assert begun(order) == ["toy 1"]
    order.ended(teacher)
    assert begun(order) == ["student 0"]
    assert order.left == 1
    order.ended(todo[0])
    assert begun(order) == ["student 1"]
    assert order.left == 0


def test_a_record_that_is_there_is_not_waited_for():
    order = Order([job("student", 1, job("teacher"))])
    assert begun(order) == ["student 1"]


def test_what_another_run_holds_is_offered_again_in_its_place():
    todo, held = [job(name) for name in "abc"], {"a 0"}
    order = Order(todo)
    assert begun(order, lambda job: job.name not in held) == ["b 0", "c 0"]
    assert begun(order) == ["a 0"]


def test_many_jobs_cost_a_few_looks_each():
    """Once each look went through all jobs, and through all records that were to come."""
    looks = 0

    class Counted(SimpleNamespace):
        def __getattribute__(self, name):
            nonlocal looks
            looks += name == "record"
            return super().__getattribute__(name)

    todo: Any = [Counted(**vars(job(f"{model:04}", seed))) for model in range(1000) for seed in range(3)]
    order = Order(todo)
    while order.left:
        order.ended(order.begin(lambda _job: True))
    assert looks < 10 * len(todo)
