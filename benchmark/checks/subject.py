"""A model on trial: how it is made, what clips it is tried on, and its first fit, which most rules share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from benchmark.checks.effects import Effects, watched
from benchmark.checks.material import Material, copied
from benchmark.models import backends
from benchmark.models.backends.backend import Checking
from protocols.contract import ClipBatch, Declaration, FitInfo, Info, Model, Report

EPOCHS = 1  # of most fits


@dataclass(frozen=True)
class Fit:
    """A fitted model, and what its fit returned."""

    model: Model
    info: FitInfo


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """A model on trial. Each fit and prediction gets copies of the clips: no rule disturbs another."""

    declared: type[Declaration]
    make: Callable[[int, int], Model]  # (n_classes, seed) -> unfitted
    material: Material
    imported: Effects  # of importing the plugin
    teach: Callable[[int], Mapping[str, Any]]  # n_classes -> the context of a fit

    @property
    def info(self) -> Info:
        return self.declared.info

    @property
    def checking(self) -> Checking:
        """What is done differently for its kind of model."""
        return backends.backend_of(self.declared).checking

    def fit(
        self,
        train: ClipBatch | None = None,
        validation: ClipBatch | None = None,
        *,
        seed: int = 0,
        epochs: int | None = EPOCHS,
        n_classes: int | None = None,
        report: Report | None = None,
    ) -> Fit:
        """A fresh model fitted on these clips, by default the material's train clips."""
        n = n_classes or self.material.n_classes
        context = self.teach(n)
        model = self.make(n, seed)
        info = model.fit(
            copied(train or self.material.train),
            None if validation is None else copied(validation),
            epochs=epochs,
            report=report,
            context=context,
        )
        return Fit(model, info)

    @cached_property
    def _first(self) -> tuple[Fit, Effects]:
        self.teach(self.material.n_classes)  # a teacher's effects are not this model's
        with watched() as effects:
            fit = self.fit(validation=self.material.validation)
        return fit, effects

    @property
    def first(self) -> Fit:
        """Fitted as in a search: on train, with validation, for one epoch, with seed 0."""
        return self._first[0]

    @cached_property
    def _with_labels(self) -> tuple[np.ndarray, Effects]:
        with watched() as effects:
            predictions = np.asarray(self.first.model.predict_proba(copied(self.material.test)))
        return predictions, effects

    @property
    def with_labels(self) -> np.ndarray:
        """The first model's predictions for the test clips, with their labels and speakers at hand."""
        return self._with_labels[0]

    @cached_property
    def predictions(self) -> np.ndarray:
        """Its predictions for them as the engine gives them, without: (clips, classes)."""
        return predict(self.first.model, self.material.test)

    @property
    def effects(self) -> dict[str, Effects]:
        """What import, first fit and first prediction did beside their work."""
        return {"import": self.imported, "fit": self._first[1], "predict_proba": self._with_labels[1]}


def predict(model: Model, clips: ClipBatch) -> np.ndarray:
    """A model's predictions for clips whose labels and speakers are withheld: (clips, classes)."""
    return np.asarray(model.predict_proba(replace(copied(clips), labels=None, speakers=None)))
