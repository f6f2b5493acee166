"""A corpus copy with features, and a voice."""

import shutil

import numpy as np
import pytest
from savee_features import MEL, MFCC, taken

from benchmark.audio.reader import RATE
from benchmark.corpora import embedded
from benchmark.features import feature_store


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the embedded SAVEE that may be damaged, and a cache of its own."""
    root = tmp_path_factory.mktemp("data")
    shutil.copytree(embedded.ensure() / "savee", root / "savee")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNHEARD_CACHE", str(tmp_path_factory.mktemp("own cache")))
        yield root / "savee"


@pytest.fixture(scope="module")
def computed(copy):
    """Two front ends in one call, and what it reported of its progress."""
    found, reported = taken(copy), []
    feature_store.ensure(
        [((MFCC,), found), ((MEL,), found)], jobs=2, progress=lambda *at: reported.append(at)
    )
    return found, reported


@pytest.fixture
def here_alone(monkeypatch):
    """Chunks are computed in this process; where they went to, as they are done."""
    done = []

    def run(function, tasks, *, size):  # noqa: ARG001
        for task in tasks:
            done.extend(chunk.out for chunk in task)
            yield task, function(task)

    monkeypatch.setattr(feature_store.executor, "run", run)
    return done


@pytest.fixture(scope="module")
def wave():
    """Two seconds that have harmonics, noise, a pause and a fade."""
    rng = np.random.default_rng(3)
    t = np.arange(2 * RATE) / RATE
    voice = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 30))
    sound = voice * np.abs(np.sin(3 * t)) * np.exp(-t) + 0.02 * rng.normal(size=len(t))
    sound[10_000:12_000] *= 1e-3
    return (0.2 * sound).astype(np.float32)
