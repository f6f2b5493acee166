"""A fit that is to be done in a stack: what it is, how far it is, and which others it can be stacked with."""

from __future__ import annotations

import math
from collections.abc import Hashable
from typing import NamedTuple, cast

from benchmark.execution.fit_store import Progress, Want
from benchmark.execution.fold_data import Data
from benchmark.execution.task import Task
from protocols.contract import Recipe, TorchModel

AHEAD = 1 / 3  # of its epochs that a fit goes on by at least: making a stack costs more than some epochs


class Open(NamedTuple):
    """A fit of a network that is to be done, or taken further."""

    task: Task
    data: Data
    want: Want
    kept: Progress | None

    @property
    def planned(self) -> int:
        """Epochs of the whole fit."""
        assert self.want.epochs is not None
        return self.want.epochs

    @property
    def start(self) -> int:
        """Epochs that are done."""
        return len(self.kept.fit.epochs) if self.kept else 0

    @property
    def goal(self) -> int:
        """The epoch that it is taken to: at least as far as it is wanted."""
        until = self.want.until or self.planned
        ahead = math.ceil(AHEAD * self.planned) if self.kept else 0
        return min(self.planned, max(until, self.start + ahead))

    @property
    def plugin(self) -> type[TorchModel]:
        return cast(type[TorchModel], self.data.plugin.model)

    @property
    def recipe(self) -> Recipe:
        return self.plugin.recipe(self.want.params)


def alike(one: Open) -> Hashable:
    """What is equal among fits that one stack can hold: network, clips, how far they are, and the like."""
    task, recipe = one.task, one.recipe
    distilling = min(recipe.distillation_epochs, one.planned - 1)
    work = task.model, task.protocol, task.features, task.device, task.numerics
    return *work, one.start, recipe.augmentation, distilling
