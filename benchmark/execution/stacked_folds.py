"""Drives many folds at once, so that their fits can be done as stacks: it fills the store of fits for them.

What comes of a fold follows from the store, whoever has filled it: `fold.run` then finds there what it asks
for.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import NamedTuple

from benchmark.execution import fit_store, fold, fold_data, open_fit, stacked_fitting
from benchmark.execution.fit_store import Want
from benchmark.execution.open_fit import Open
from benchmark.execution.task import Task
from benchmark.training.study import ROUND
from protocols import folds
from protocols.errors import StoreError, UnheardError
from protocols.folds import Protocol

WIDEST = 150  # networks: beyond, twice as many take about twice the time (docs/performance.md)


def fill(
    tasks: Sequence[Task], *, width: int | None = None, enough: Callable[[], bool] = lambda: False
) -> list[Left]:
    """Do what these folds ask for, earlier ones first, to their ends or until it is `enough`.

    Returns those that were not brought to their ends, which `fold.run` does one fit after another: of models
    that do not stack, or whose fits fail, which it meets again and reports. `width` of a stack: by default a
    round of all folds fits in.
    """
    everyone = [_Fold(task) for task in tasks]
    going = everyone
    while not enough() and (going := [each for each in going if each.asks()]):
        ones = _next(going)
        try:
            stacked_fitting.do(ones, width=width or _width(ones[0].data.protocol), enough=enough)
        except StoreError:
            raise
        except Exception as error:  # of a plugin, or since its networks do not stack
            failed = {one.task.result for one in ones}
            for each in going:
                each.why = _text(error) if each.task.result in failed else ""
            going = [each for each in going if not each.why]
    return [Left(each.task, each.why) for each in everyone if not each.ended]


class Left(NamedTuple):
    """A fold that stacks did not bring to its end, and why; "" where there was no time."""

    task: Task
    why: str


class _Fold:
    """A fold on its way."""

    def __init__(self, task: Task) -> None:
        self.task, self.data = task, fold_data.load(task, folds.load(task.protocol))
        self.steps, self.ended, self.why = fold.steps(task, self.data), False, ""
        self.wants: Sequence[Want] = ()
        self.open: list[Open] = []  # of its wants, those that are not in the store as far as they are wanted

    def asks(self) -> bool:
        """Go on while the store has what it asks for; False once it has ended, or cannot go on in stacks."""
        while self.data.plugin.backend.is_network:
            kept = [fit_store.read(self.task, want) for want in self.wants]
            self.open = [
                Open(self.task, self.data, want, progress if progress and progress.state else None)
                for want, progress in zip(self.wants, kept, strict=True)
                if not (progress and progress.reaches(want))
            ]
            if self.open:
                return True
            try:
                self.wants = self.steps.send(kept) if self.wants else next(self.steps)
            except StopIteration:
                self.ended = True
                return False
            except StoreError:
                raise
            except Exception as error:  # of a plugin, or of a search in which every trial failed
                self.why = _text(error)
                return False
        self.why = "it is no network"
        return False


def _text(error: Exception) -> str:
    plain = isinstance(error, NotImplementedError | UnheardError)
    return str(error) if plain else f"{type(error).__name__}: {error}"


def _next(going: Sequence[_Fold]) -> list[Open]:
    """Fits of one stack, or several: of the first fold's model and protocol, those that have come farthest.

    So folds that are ahead wait for the others, and all begin their next round together.
    """
    first, groups = going[0].task, dict[Hashable, list[Open]]()
    for each in going:
        if (each.task.model, each.task.protocol) == (first.model, first.protocol):
            for one in each.open:
                groups.setdefault(open_fit.alike(one), []).append(one)
    farthest = max(groups.values(), key=lambda ones: ones[0].start)
    return sorted(farthest, key=lambda one: one.goal)


def _width(protocol: Protocol) -> int:
    return min(WIDEST, sum(ROUND * len(each.validation) or 1 for each in protocol.folds))
