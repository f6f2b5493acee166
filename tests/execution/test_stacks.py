"""Which work is handed out while stacks are trained."""

from types import SimpleNamespace
from typing import Any

import pytest

from benchmark.execution import scheduler
from benchmark.execution.scheduler import _Stacks


@pytest.fixture(autouse=True)
def stackable(monkeypatch):
    """Folds with a model's name in capitals stack."""
    monkeypatch.setattr(scheduler, "_stackable", lambda task: task and task.model.isupper() and task.model)


def fold(name) -> Any:
    return SimpleNamespace(model=name.rstrip("0123456789"), name=name)


def names(work):
    return [task.name for task in work] if isinstance(work, list) else work and work.name


def test_folds_come_again_once_their_stack_has_ended():
    stacks = _Stacks(most=1)
    work = stacks.first(iter(map(fold, ["a0", "B0", "B1", "c0"])))
    assert names(next(work)) == "a0"
    stack: Any = next(work)
    assert names(stack) == ["B0", "B1"]
    assert names(next(work)) == "c0"
    assert next(work) is None  # the stack is trained, and nothing else is left
    stacks.ended(stack)
    assert list(map(names, work)) == ["B0", "B1"]


@pytest.mark.parametrize(("most", "second"), [(1, None), (2, ["D0"])])
def test_so_many_stacks_at_a_time(most, second):
    stacks = _Stacks(most=most)
    work = stacks.first(iter(map(fold, ["B0", "D0"])))
    first: Any = next(work)
    assert names(next(work)) == second
    stacks.ended(first)
    assert list(map(names, (next(work), next(work)))) == ([["D0"], "B0"] if most == 1 else ["B0", None])


def test_a_source_that_waits_does_not_hold_up_what_is_ready():
    stacks = _Stacks(most=1)
    work = stacks.first(iter([fold("B0"), None, None, fold("a0")]))
    stack: Any = next(work)
    assert next(work) is None
    stacks.ended(stack)
    assert list(map(names, work)) == ["B0", None, "a0"]
