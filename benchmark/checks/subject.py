"""A model on trial, as the judge sees it: what it declares, and what came of its fits and predictions.

The model itself lives in another process (`worker`), which does what it is asked for and judges nothing: a
plugin that replaces functions there convinces nobody here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import msgspec
import numpy as np

from benchmark.checks import messages
from benchmark.checks.effects import Effects
from benchmark.checks.material import Material
from benchmark.checks.messages import Given
from protocols.contract import ClipBatch

EPOCHS = 1  # of most fits

Ask = Callable[..., Any]  # (what, **given) -> what the worker answers; raises CrashError or StoppedError


class CrashError(Exception):
    """What the plugin's code has raised, in words."""

    def __init__(self, words: str, where: str) -> None:
        super().__init__(words)
        self.words, self.where = words, where

    @property
    def text(self) -> str:
        """In one line, with what a rule has noted on it."""
        return ", ".join([self.words, *getattr(self, "__notes__", [])]) + self.where


class StoppedError(Exception):
    """The worker has ended, or was ended, before it answered."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What a plugin is, as its worker has read it."""

    name: str
    n_classes: int
    deterministic: bool
    transductive: bool
    memory: int  # MiB
    places: dict[str, str]  # where mistakes sit, by method
    offers: list[str]  # of state and load_state
    keepable: bool
    may_change: list[str]  # global state, by the names that `shared_state` gives
    own_epochs: bool
    drawn_by_seed: bool


class Outcome(msgspec.Struct, frozen=True):
    """What a fit has returned."""

    kind: str
    epochs: Given | None = None  # of a FitInfo
    curves: dict[str, Given] = {}
    probabilities: Given | None = None  # of the validation clips after each epoch


@dataclass(frozen=True)
class Fit:
    """A fitted model, which is the worker's, and what its fit returned."""

    ask: Ask
    model: int
    outcome: Outcome

    def given(self, clips: ClipBatch, **more: Any) -> tuple[Given, Effects | None]:
        """What predict_proba gives for these clips as they are."""
        came = self.ask("predict", model=self.model, clips=messages.packed(clips), **more)
        effects = came.pop("effects")
        return msgspec.convert(came, Given), effects and msgspec.convert(effects, Effects)

    def predict(self, clips: ClipBatch, **more: Any) -> np.ndarray:
        """The predictions for clips whose labels and speakers are withheld: (clips, classes)."""
        return self.given(replace(clips, labels=None, speakers=None), **more)[0].array


@dataclass(frozen=True, kw_only=True, eq=False)
class Subject:
    """A model on trial. Each fit and prediction gets copies of the clips: no rule disturbs another."""

    ask: Ask
    reference: str
    facts: Facts
    material: Material
    imported: Effects  # of importing the plugin
    elsewhere: Callable[[], AbstractContextManager[Ask]]  # another process, which knows no plugin yet

    def fit(
        self,
        train: ClipBatch | None = None,
        validation: ClipBatch | None = None,
        *,
        epochs: int | None = EPOCHS,
        n_classes: int | None = None,
        **more: Any,
    ) -> Fit:
        """A fresh model fitted on these clips, by default the material's train clips; `more`: see `Stage`."""
        return self._fit(train, validation, epochs=epochs, n_classes=n_classes, **more)[0]

    def _fit(
        self, train: ClipBatch | None, validation: ClipBatch | None, *, n_classes: int | None, **more: Any
    ) -> tuple[Fit, Mapping[str, Any]]:
        came = self.ask(
            "fit",
            train=messages.packed(train or self.material.train),
            validation=validation and messages.packed(validation),
            n_classes=n_classes or self.facts.n_classes,
            **more,
        )
        return Fit(self.ask, came["model"], msgspec.convert(came["outcome"], Outcome)), came

    def locked(self) -> Mapping[str, ClipBatch]:
        """The clips as they are after a fit and a prediction on arrays that cannot be written to."""
        hidden = replace(self.material.test, labels=None, speakers=None)
        validation = self.material.validation
        after = self._fit(None, validation, n_classes=None, epochs=EPOCHS, then=messages.packed(hidden))[1]
        return {name: messages.clips(clips) for name, clips in after["after"].items()}

    @cached_property
    def _first(self) -> tuple[Fit, Effects]:
        fit, came = self._fit(None, self.material.validation, n_classes=None, epochs=EPOCHS, watch=True)
        return fit, msgspec.convert(came["effects"], Effects)

    @property
    def first(self) -> Fit:
        """Fitted as in a search: on train, with validation, for one epoch, with seed 0."""
        return self._first[0]

    @cached_property
    def with_labels(self) -> tuple[Given, Effects]:
        """The first model's predictions for the test clips, with their labels and speakers at hand."""
        came, effects = self.first.given(self.material.test, watch=True)
        assert effects is not None
        return came, effects

    @cached_property
    def predictions(self) -> np.ndarray:
        """Its predictions for them as the engine gives them, without: (clips, classes)."""
        return self.first.predict(self.material.test)

    @property
    def effects(self) -> dict[str, Effects]:
        """What import, first fit and first prediction did beside their work."""
        return {"import": self.imported, "fit": self._first[1], "predict_proba": self.with_labels[1]}


def of(ask: Ask, reference: str, elsewhere: Callable[[], AbstractContextManager[Ask]]) -> Subject:
    """The plugin called so, or in the file at that path, loaded by the worker; raises CrashError."""
    came = ask("load", reference=reference)
    parts = {name: messages.clips(clips) for name, clips in came["parts"].items()}
    odd = {name: messages.clips(clips) for name, clips in came["odd"].items()}
    facts = msgspec.convert(came["facts"], Facts)
    return Subject(
        ask=ask,
        reference=reference,
        facts=facts,
        material=Material(n_classes=facts.n_classes, odd=odd, **parts),
        imported=msgspec.convert(came["imported"], Effects),
        elsewhere=elsewhere,
    )
