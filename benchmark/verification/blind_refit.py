"""Refits a fold in a sandbox where nothing tells the test clips, and compares the predictions.

The process that fits and predicts has the training clips, and the test clips as arrays in a random order. It
has no manifest, split, corpus, record or feature cache, no network, and nobody else's memory. A model that
looks test labels up anywhere gives other predictions there, and so does one that uses statistics of all test
clips without declaring it: they come a few at a time. One that carries a table of labels in its own code or
weights does not: such a model is found by reading it.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

import protocols
from benchmark.compute import sandbox
from benchmark.execution import fold_data
from benchmark.execution.fold_data import Data
from benchmark.execution.task import Task
from benchmark.features import front_ends, weights_file
from benchmark.models.plugin_files import finder
from benchmark.records.schema import DECIMALS, FoldFacts
from benchmark.scores import calibration
from benchmark.storage import places
from benchmark.training import study
from benchmark.verification import blind_fit
from benchmark.verification.blind_fit import Given, Setting
from protocols import corpora, folds, registry
from protocols.errors import PluginError

BATCH = 10  # test clips at a time
TOLERANCE = 1e-3  # of a probability: a batch in another order gives other last bits


def result(task: Task) -> Path:
    """Where the fold's predictions from the sandbox lie."""
    return task.work / f"blind-{task.fold:02d}.npy"


def run(task: Task, data: Path) -> None:
    """Refit the fold in a sandbox: what a worker process does. `data` is the corpora's folder."""
    loaded = fold_data.load(task, folds.load(task.protocol))
    order = np.random.default_rng().permutation(len(loaded.parts.test))  # from the system's entropy
    read, hide = [*_needed(loaded), *_weights(loaded)], [*_telling(), data, task.work]
    came = _sandboxed(_given(task, loaded, order), read=read, hide=hide)
    assert task.winner is not None
    probabilities = np.empty_like(came)
    probabilities[order] = came
    result(task).parent.mkdir(parents=True, exist_ok=True)
    np.save(result(task), calibration.calibrated(probabilities, task.winner.temperature).round(DECIMALS))


def same(task: Task, probabilities: Sequence[Sequence[float]]) -> bool:
    """Whether the sandbox gave the ordinary refit's predictions, within `TOLERANCE`."""
    return bool(np.abs(np.load(result(task)) - np.array(probabilities)).max(initial=0.0) <= TOLERANCE)


def _given(task: Task, data: Data, order: np.ndarray) -> Given:
    """For the sandbox; what the ordinary refit is given (`execution.fold.complete`), but for the order."""
    teacher = task.teacher
    assert task.winner is not None
    data = data.given(task.winner.params)
    n = 1 if data.plugin.info.transductive else -(-len(order) // BATCH)
    batches = np.array_split(data.parts.test[order], n)
    return Given(
        setting=_setting(task, data.plugin.reference, task.winner),
        teacher=_setting(task, teacher.model, teacher.winner) if teacher else None,
        n_classes=len(data.classes),
        device=task.device,
        numerics=task.numerics,
        train=data.train(data.parts.development),
        test=tuple(data.hidden(rows, among=data.parts.test[order]) for rows in batches),
    )


def _setting(task: Task, model: str, facts: FoldFacts) -> Setting:
    seed = study.seed_of(task.seed, task.fold, 0)
    return Setting(model=model, seed=seed, params=facts.params, epochs=facts.epochs)


def _sandboxed(given: Given, *, read: Sequence[Path], hide: Sequence[Path]) -> np.ndarray:
    """Raw probabilities of the test clips, in the order in which the sandbox had them."""
    with tempfile.TemporaryDirectory(prefix="unheard-") as folder:
        box = Path(folder)
        (box / blind_fit.GIVEN).write_bytes(pickle.dumps(given))
        python = [sys.executable, "-P", "-m", blind_fit.__name__, folder]
        paths = {"PYTHONPATH": places.PACKAGE.parent, weights_file.VARIABLE: weights_file.folder()}
        environment = ["env", *(f"{name}={path}" for name, path in paths.items())]
        done = subprocess.run(
            sandbox.command(
                [*environment, *python], read=read, write=box, hide=hide, devices=given.device != "cpu"
            ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise PluginError(f"in the sandbox, without any label, it fails: {last[:500]}")
        return _read(box / blind_fit.CAME, (sum(map(len, given.test)), given.n_classes))


def _read(path: Path, shape: tuple[int, int]) -> np.ndarray:
    """What a stranger's process wrote: no more than was asked for is read."""
    try:
        if path.is_symlink() or path.stat().st_size > 8 * shape[0] * shape[1] + 1024:
            raise ValueError("too large")
        came = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise PluginError(f"in the sandbox, its predictions cannot be read: {error}") from error
    if came.shape != shape or came.dtype != np.float64 or not np.isfinite(came).all():
        raise PluginError(f"in the sandbox, it gave no probabilities of shape {shape}.")
    return np.asarray(came)


def _needed(data: Data) -> list[Path]:
    """Python, its packages, the engine, and the files that the model's digest covers."""
    ours = [places.PACKAGE.parent / name for name in finder.OURS]
    return [*sandbox.pythons(), *ours, *data.plugin.files]


def _weights(data: Data) -> list[Path]:
    """Those that a network begins with, of an encoder that is trained along."""
    found = filter(None, map(front_ends.trained, data.plugin.features))
    return [weights_file.path(encoder.weights) for encoder in found]


def _telling() -> list[Path]:
    """What names clips or tells labels: manifests, splits, the cache."""
    homes = {Path(entry) / "protocols" for entry in sys.path} | {Path(str(protocols.__file__)).parent}
    others = [corpora.load(name).manifest_file for name in registry.names("corpora")]
    own = [home / part for home in sorted(homes) for part in ("manifests", "splits")]
    return [*own, places.cache(), *filter(None, others)]
