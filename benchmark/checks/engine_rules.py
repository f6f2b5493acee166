"""Rules that need the engine: import, search space, saved state, cost, a process of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import optuna
import safetensors.numpy

from benchmark.checks import candidate
from benchmark.checks.candidate import Candidate
from benchmark.checks.judge import crash, source
from benchmark.checks.material import Material
from benchmark.checks.predictions import far
from benchmark.checks.rule import DECLARES, ELSE, EXPECTS, Found, Note, Problem, rule
from benchmark.checks.subject import predict
from benchmark.compute import local_processes
from benchmark.cost import measure
from benchmark.execution import final_models, model_store
from benchmark.models import backends, field_types, plugins

DRAWS = 5  # settings drawn from the search space
DECLARATION = "protocols/contract.py, class Declaration"


@rule("info", DECLARES, basic=True)
def loads(subject: Candidate) -> Found:  # noqa: ARG001  (there would be no subject)
    """The plugin can be imported, declares what it must, and all that it needs is here."""
    return None


@rule("space", DECLARATION)
def space(subject: Candidate) -> Found:
    """`space` searches parameters that have defaults, the defaults lie within it, and all are plain JSON."""
    defaults = dict(subject.declared.defaults)
    subject.plugin.space()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(DRAWS):
        trial = study.ask()
        params = subject.plugin.params(trial)
        if strange := sorted(set(trial.params) - set(defaults)):
            return Problem(f"searches {strange[0]!r}, which has no default")
        if strange := [name for name, value in params.items() if not field_types.plain(value)]:
            value = params[strange[0]]
            return Problem(f"{strange[0]!r} is {value!r}, which JSON does not hold as it is")
        _make(subject, params)
    return None


def _make(subject: Candidate, params: dict[str, Any]) -> None:
    """Whether a model can be made with what was drawn."""
    try:
        model = backends.make(subject.plugin, subject.material.n_classes, seed=0, device="cpu", params=params)
        subject.plugin.backend.build_network(model, subject.material.train.inputs[0].shape[1])
    except Exception as error:
        error.add_note(f"with {params} from `space`")
        raise


@rule("state", ELSE)
def state(subject: Candidate) -> Found:
    """What `state` gives, arrays alone, makes a new model give the same bit for bit by `load_state`."""
    offers = [name for name in ("state", "load_state") if callable(getattr(subject.first.model, name, None))]
    if len(offers) == 1:
        return Problem(f"it has {offers[0]} without the other one")
    if not final_models.keepable(subject.plugin):
        return Note("not offered: `run --final` keeps no model of it, so `predict` cannot use it")
    arrays = subject.first.model.state()  # type: ignore[attr-defined]
    if strange := [name for name, value in arrays.items() if not isinstance(value, np.ndarray)]:
        return Problem(f"state()[{strange[0]!r}] is {type(arrays[strange[0]]).__name__} rather than an array")
    other = subject.make(subject.material.n_classes, 0)
    model_store.restore(other, safetensors.numpy.load(model_store.encode(arrays)))
    apart = far(predict(other, subject.material.test), subject.predictions)
    return Problem(f"the new model's probabilities differ by up to {apart:.2g}") if apart else None


@rule("predict_proba", ELSE)
def cost(subject: Candidate) -> Found:
    """The cost of a prediction can be counted, or is declared."""
    found = measure.of(subject.plugin, subject.first.model)
    if found.by == "declared":
        return Note("declared by its author: pages say so, and it is never on the Pareto front")
    if found.by == "not counted":
        return Note("not counted: declare `Info.macs` to show a cost")
    return None


@rule("fit", EXPECTS)
def fresh_process(subject: Candidate) -> Found:
    """A new process, which knows the plugin by its reference alone, gives the same, bit for bit."""
    with local_processes.pool(1) as pool:
        there, crashed = pool.submit(_there, subject.plugin.reference, subject.material).result()
    if crashed:
        return Problem(f"there it fails: {crashed}")
    apart = far(there, subject.predictions)
    if not apart:
        return None
    return Problem(f"probabilities there differ by up to {apart:.2g} (from `hash`, or from earlier fits?)")


def _there(reference: str, given: Material) -> tuple[np.ndarray, str]:
    """What a model fitted here gives for the test clips, or how it failed."""
    try:
        return candidate.on(reference, given).predictions, ""
    except BaseException as error:
        return np.empty(0), crash(error, source(plugins.load(reference).model))
