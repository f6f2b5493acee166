"""Makes and fits the model of one fit, and its teacher."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmark.execution import model_store
from benchmark.execution.fold_data import Data
from benchmark.execution.task import Task
from benchmark.models import backends, plugins
from benchmark.storage import files
from benchmark.training import study
from protocols.contract import FitInfo, Model
from protocols.errors import PluginError, WeightsError

SLACK = 1e-3  # by which a row of probabilities may miss 1


def fresh(task: Task, data: Data, params: dict[str, Any], *, part: int) -> Model:
    """Unfitted. Part 0 is for the last fit, k for the k-th inner fold: each has a seed of its own."""
    seed = study.seed_of(task.seed, task.fold, part)
    return backends.make(
        data.plugin,
        len(data.classes),
        seed=seed,
        device=task.device,
        params=params,
        numerics=task.numerics,
    )


def context(task: Task, data: Data, train: np.ndarray, *, part: int) -> dict[str, Model]:
    """The teacher, fitted on exactly these clips, with what its own search found; fitted once, then kept."""
    if task.teacher is None:
        return {}
    winner, plugin = task.teacher.winner, plugins.load(task.teacher.model)
    if [each.level for each in plugin.features_with(winner.params)] != [each.level for each in data.features]:
        raise PluginError(
            f"{data.plugin.info.name}: for it and its teacher {plugin.info.name} a clip's level must be kept "
            "or removed alike: neither may search it."
        )
    teacher = backends.make(
        plugin,
        len(data.classes),
        seed=study.seed_of(task.seed, task.fold, part),
        device=task.device,
        params=winner.params,
        numerics=task.numerics,
    )
    kept = task.work / f"teacher-{task.fold:02d}-{part:02d}.safetensors"
    try:
        model_store.restore(teacher, model_store.decode(kept, files.unsealed(kept.read_bytes())))
    except (FileNotFoundError, WeightsError):  # not fitted yet, or damaged
        teacher.fit(data.train(train), None, epochs=winner.epochs)
        if hasattr(teacher, "load_state"):
            state = teacher.state()  # type: ignore[attr-defined]
            files.write(kept, files.sealed(model_store.encode(state)))
    return {"teacher": teacher}


def predict(model: Model, data: Data, rows: np.ndarray) -> np.ndarray:
    """The model's probabilities for these clips, (n, classes); PluginError where they are none."""
    return _checked(model.predict_proba(data.hidden(rows)), "predict_proba", data, rows)


def by_epoch(info: FitInfo, data: Data, rows: np.ndarray) -> np.ndarray | None:
    """What a fit predicted for these clips after each epoch, (epochs, n, classes).

    None where it gives nothing of the kind; PluginError where it gives something else.
    """
    if info.probabilities is None:
        return None
    probabilities = [_checked(each, "FitInfo.probabilities", data, rows) for each in info.probabilities]
    if not probabilities:
        raise PluginError(f"{data.plugin.reference}: FitInfo.probabilities has no epoch.")
    return np.stack(probabilities)


def _checked(given: Any, source: str, data: Data, rows: np.ndarray) -> np.ndarray:
    probabilities = np.asarray(given, dtype=np.float64)
    if probabilities.shape != (len(rows), len(data.classes)):
        raise PluginError(
            f"{data.plugin.reference}: {source} gave an array of shape {probabilities.shape}; "
            f"expected {(len(rows), len(data.classes))}, clips by classes."
        )
    finite = probabilities[np.isfinite(probabilities).all(axis=1)]  # the others are for the caller to judge
    if (finite < -SLACK).any() or not np.allclose(finite.sum(axis=1), 1, rtol=0, atol=SLACK):
        raise PluginError(f"{data.plugin.reference}: {source} gave rows that are no probabilities.")
    return probabilities


def tested(model: Model, data: Data, key: str) -> np.ndarray:
    """The same for the test clips, in the manifests' order, which is not the one that the model is given."""
    order = data.test_order(key)
    probabilities = np.empty((len(order), len(data.classes)))
    probabilities[order] = predict(model, data, data.parts.test[order])
    return probabilities
