"""Fixtures for the tests of what is executed."""

import dataclasses
from typing import Any

import numpy as np
import pytest
import runs

from benchmark.corpora import embedded
from benchmark.execution import jobs
from benchmark.models import backends, plugins
from protocols.contract import ClipBatch, FitInfo


@pytest.fixture
def without_models(cache, tmp_path, monkeypatch):
    """A cache in which no model is kept; embedded corpora and features are the session's."""
    embedded.ensure()
    (cache / "features").mkdir(exist_ok=True)
    (tmp_path / "cache").mkdir()
    for folder in cache.iterdir():
        if not folder.name.endswith("models"):
            (tmp_path / "cache" / folder.name).symlink_to(folder)
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def task(tmp_path):
    """The second fold of the toy on the embedded SAVEE."""
    return jobs.tasks(runs.planned(tmp_path / "results", trials=3).jobs[0])[1]


@pytest.fixture
def curved(task, monkeypatch):
    """The toy with seven epochs, in which it grows sharper, then less; the epochs of its last fits."""
    model: Any = plugins.load(task.model).model
    last: list[int | None] = []
    fit = model.fit

    def by_epoch(self, train, validation=None, *, epochs=None, **more):
        fit(self, train, validation, **more)
        sharpness, taken = self.sharpness, []
        if validation is None:
            last.append(epochs)
        for factor in (0.01, 0.1, 0.5, 1.0, 0.5, 0.1, 0.01) if validation else ():
            self.sharpness = sharpness * factor
            taken.append(self.predict_proba(dataclasses.replace(validation, labels=None)))
        self.sharpness = sharpness
        return FitInfo(epochs=epochs or 7, probabilities=np.stack(taken) if taken else None)

    monkeypatch.setattr(model, "fit", by_epoch)
    return last


@pytest.fixture
def own_cache(tmp_path, monkeypatch):
    """An empty cache of the test's own."""
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def plugin():
    """MFCC statistics and logistic regression."""
    return plugins.load("mfcc-logreg")


@pytest.fixture
def clips():
    """Seventy made-up clips of seven labels."""
    rng = np.random.default_rng(0)
    inputs = [rng.normal(size=(1, 160)).astype(np.float32) for _ in range(70)]
    return ClipBatch(inputs, np.arange(70) % 7)


@pytest.fixture
def model(plugin, clips):
    """The plugin, fitted on them."""
    fitted = backends.make(plugin, 7, seed=1, device="cpu", params={"C": 1.0})
    fitted.fit(clips)
    return fitted
