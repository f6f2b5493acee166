"""One backend a kind of model: all that the engine must know of a kind stands in its file, and nowhere else.

`plain` is for objects with their own `fit`, `torch` for networks that the engine trains, `sklearn` for
estimators of scikit-learn. `backend.Backend` names what each of them answers.
"""

from __future__ import annotations

from typing import Any, Protocol

from benchmark.models.backends.backend import Backend
from benchmark.models.backends.plain import Plain
from benchmark.models.backends.sklearn import Sklearn
from benchmark.models.backends.torch import Torch
from benchmark.models.enrolled import Enrolled
from protocols.contract import Declaration, Model, SklearnModel, TorchModel

PLAIN = Plain()
KINDS: tuple[tuple[type[Declaration], Backend], ...] = ((TorchModel, Torch()), (SklearnModel, Sklearn()))


class Declared(Protocol):
    """What declares a model, as a plugin does."""

    @property
    def model(self) -> type[Declaration]: ...

    @property
    def enrolment(self) -> str: ...


def backend_of(model: type[Declaration]) -> Backend:
    """The backend of the kind that a declared class is of."""
    return next((backend for kind, backend in KINDS if issubclass(model, kind)), PLAIN)


def by_name(name: str) -> Backend:
    """The backend whose class is called so."""
    return next(
        backend for backend in (PLAIN, *(each for _, each in KINDS)) if type(backend).__name__ == name
    )


def make(
    plugin: Declared,
    n_classes: int,
    *,
    seed: int,
    device: str,
    params: dict[str, Any],
    numerics: str = "fp32",
) -> Model:
    """A fresh, unfitted model; `device` as torch names it: "cpu", "cuda:1", "mps".

    `numerics`: a class that its backend has.
    """
    backend = backend_of(plugin.model)
    assert numerics in backend.numerics
    model = backend.make(plugin.model, n_classes, seed=seed, device=device, params=params, numerics=numerics)
    return Enrolled(model) if plugin.enrolment and plugin.model.info.enrolment == "normalise" else model
