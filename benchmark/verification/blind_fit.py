"""A fit and its predictions, from arrays alone: what runs in the sandbox of `blind_refit`.

python -m benchmark.verification.blind_fit FOLDER    # reads FOLDER/GIVEN, writes FOLDER/CAME
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.models import backends, plugins
from protocols.contract import ClipBatch, Model

GIVEN, CAME = "given.pickle", "probabilities.npy"


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A model to make, with what decides its fit."""

    model: str  # its reference
    seed: int
    params: Mapping[str, Any]
    epochs: int | None


@dataclass(frozen=True, kw_only=True)
class Given:
    """All that the sandbox gets. Nothing here tells a test clip."""

    setting: Setting
    teacher: Setting | None
    n_classes: int
    device: str
    numerics: str
    train: ClipBatch
    test: tuple[ClipBatch, ...]  # batches without labels and speakers, in a random order


def predictions(given: Given) -> np.ndarray:
    """The fitted model's probabilities for the test clips, (n, classes)."""
    teacher = given.teacher and _fitted(given, given.teacher, {})
    model = _fitted(given, given.setting, {"teacher": teacher} if teacher else {})
    return np.concatenate([np.asarray(model.predict_proba(clips), dtype=np.float64) for clips in given.test])


def _fitted(given: Given, setting: Setting, context: Mapping[str, Model]) -> Model:
    plugin = plugins.load(setting.model)
    model = backends.make(
        plugin,
        given.n_classes,
        seed=setting.seed,
        device=given.device,
        params=dict(setting.params),
        numerics=given.numerics,
    )
    model.fit(given.train, None, epochs=setting.epochs, context=context)
    return model


def main(folder: Path) -> None:
    """Do it; an exception says why it cannot be done."""
    # The engine has just written it; what this process writes in turn is read without pickle.
    given: Given = pickle.loads((folder / GIVEN).read_bytes())
    np.save(folder / CAME, predictions(given))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
