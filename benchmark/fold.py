"""One outer fold of one model, from its search to its predictions: what a worker process does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import safetensors.numpy
from msgspec import Struct

from benchmark import evidence, features, files, frontends, metrics, plugins, tune, weights
from benchmark.cost import energy
from benchmark.records import DECIMALS, Budget, FoldFacts, Predictions, Trial
from protocols import corpora, folds
from protocols.contract import Clips, Model
from protocols.corpora import Clip, Corpus
from protocols.errors import DataError, PluginError
from protocols.folds import Parts, Protocol

SLACK = 1e-3  # by which a row of probabilities may miss 1


@dataclass(frozen=True)
class Teacher:
    """Whom a model learns from: its reference, and what its own search found in this fold."""

    model: str
    winner: FoldFacts


@dataclass(frozen=True, kw_only=True)
class Task:
    """One fold to do. Plain data: a worker looks up model, protocol and features by itself."""

    model: str  # a plugin's reference
    protocol: str
    fold: int
    seed: int
    budget: Budget
    device: str
    features: tuple[Path, ...]  # folders of the computed features and of their views
    work: Path  # folder of this job's unfinished work
    winner: FoldFacts | None = None  # seed 0's facts of this fold; None: search
    teacher: Teacher | None = None

    @property
    def result(self) -> Path:
        """Where the finished fold lies."""
        return self.work / f"fold-{self.fold:02d}.json"


class FoldResult(Struct, kw_only=True):
    """A finished fold: facts for the record, and the test clips' calibrated, rounded probabilities."""

    facts: FoldFacts
    clips: list[str]
    probabilities: list[list[float]]
    seconds: float  # of this try, and of the trials that an interrupted one had finished
    joules: float | None = None  # of the machine; None: no meter, not alone, or interrupted


@dataclass(frozen=True)
class Data:
    """A fold's clips as arrays; `hidden` gives no labels away."""

    plugin: plugins.Plugin
    corpus: Corpus
    clips: list[Clip]  # that the corpus copy has, in the manifest's order
    labels: np.ndarray  # (n,)
    speakers: np.ndarray  # (n,)
    stores: list[features.Store]  # of the clips as they are, then of their views
    parts: Parts

    def train(self, rows: np.ndarray) -> Clips:
        views = [store.inputs(self._names(rows), frames=self._frames) for store in self.stores[1:]]
        return replace(self.valid(rows), views=views)

    def valid(self, rows: np.ndarray) -> Clips:
        return replace(self.hidden(rows), labels=self.labels[rows], speakers=self.speakers[rows])

    def hidden(self, rows: np.ndarray) -> Clips:
        inputs = self.stores[0].inputs(self._names(rows), frames=self._frames)
        return Clips(inputs, frames=self._frames)

    @property
    def _frames(self) -> int | None:
        return frontends.limit(self.plugin.features)

    def _names(self, rows: np.ndarray) -> list[str]:
        return [self.clips[row].clip for row in rows]


def run(task: Task, *, alone: bool = False) -> None:
    """Do the fold and put its result on disk; what an interrupted try has finished is not done again.

    `alone`: this run does no other fold beside it, so that what the machine uses is this one's.
    """
    if task.result.is_file():
        return
    with energy.metered(task.device) if alone else nullcontext() as meter:
        complete(task, lambda: load(task, folds.load(task.protocol)), meter)


def complete(task: Task, loaded: Callable[[], Data], meter: energy.Meter | None = None) -> None:
    """Do the fold on the data that `loaded` gives: search unless there is a winner, fit, predict, write."""
    started = time.perf_counter()
    data = loaded()
    facts, earlier = (_refit_facts(task), 0.0) if task.winner else _search(task, data)
    taught = context(task, data, data.parts.development, part=0)
    model = fresh(task, data, facts.params, part=0)
    model.fit(data.train(data.parts.development), None, epochs=facts.epochs, context=taught)
    said = _predict(model, data, data.parts.test)
    if not np.isfinite(said).all():
        raise PluginError(f"{task.model}: its probabilities for the test clips are not all finite.")
    probabilities = tune.calibrated(said, facts.temperature)
    result = FoldResult(
        facts=msgspec.structs.replace(facts, parameters=parameters(model)),
        clips=[data.clips[row].clip for row in data.parts.test],
        probabilities=probabilities.round(DECIMALS).tolist(),
        seconds=earlier + time.perf_counter() - started,
        joules=meter.read() if meter and not earlier else None,
    )
    files.write(task.result, msgspec.json.encode(result))


def read(path: Path) -> FoldResult:
    """A finished fold."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=FoldResult)
    except msgspec.DecodeError as error:
        raise DataError(f"{path}: damaged ({error}). Remove it and run the same command again.") from error


def predictions(results: Sequence[FoldResult]) -> Predictions:
    """What finished folds say of their test clips, as a record keeps it."""
    return Predictions(
        clips=[clip for result in results for clip in result.clips],
        folds=np.repeat([result.facts.fold for result in results], [len(result.clips) for result in results]),
        probabilities=np.concatenate([result.probabilities for result in results]),
    )


def load(task: Task, protocol: Protocol, corpus: Corpus | None = None) -> Data:
    """The arrays of a fold; `corpus` where its manifest is another than the installed one's."""
    corpus = corpus or corpora.load(protocol.corpus)
    stores = [features.load(folder) for folder in task.features]
    clips = [clip for clip in corpus.manifest if clip.clip in stores[0].spans]
    codes = {speaker: code for code, speaker in enumerate(sorted(corpus.speakers))}
    return Data(
        plugin=plugins.load(task.model),
        corpus=corpus,
        clips=clips,
        labels=evidence.indices(clips, corpus.labels),
        speakers=np.array([codes[clip.speaker] for clip in clips], dtype=np.int64),
        stores=stores,
        parts=folds.cut(protocol, protocol.folds[task.fold], clips),
    )


def _search(task: Task, data: Data) -> tuple[FoldFacts, float]:
    """The winner, and the seconds of what an interrupted try had finished."""
    earlier = 0.0
    minimise = folds.load(task.protocol).objective == "cross-entropy"

    def evaluate(number: int, params: dict[str, Any], prune: Any) -> tune.Outcome:
        nonlocal earlier
        kept = task.work / f"fold-{task.fold:02d}" / f"trial-{number:03d}.json"
        outcome = _begun(kept, params)
        earlier += outcome.seconds
        for step, value in enumerate(outcome.steps):
            prune(step, value)  # the pruner judges by all of a trial's values
        while outcome.state == "unfinished":
            outcome = _next_step(task, data, outcome, prune, minimise=minimise)
            files.write(kept, msgspec.json.encode(outcome))
        return outcome

    outcomes = tune.search(
        data.plugin, evaluate, trials=task.budget.trials, seed=task.seed, fold=task.fold, minimise=minimise
    )
    winner = tune.best(outcomes, minimise=minimise)
    rows = np.concatenate([valid for _, valid in data.parts.inner])
    facts = FoldFacts(
        fold=task.fold,
        test=sorted({data.clips[row].speaker for row in data.parts.test}),
        params=winner.params,
        epochs=int(np.median(winner.epochs)) if winner.epochs else None,
        temperature=tune.temperature(data.labels[rows], np.array(winner.probabilities)),
        parameters=None,
        trials=[
            Trial(
                params=outcome.params,
                state=outcome.state,  # type: ignore[arg-type]
                uar=outcome.uar,
                cross_entropy=outcome.cross_entropy,
                epochs=outcome.epochs,
            )
            for outcome in outcomes
        ],
        curves=winner.curves,
    )
    return facts, earlier


def _begun(kept: Path, params: dict[str, Any]) -> tune.Outcome:
    """A trial as an interrupted try left it, else one of which nothing is done."""
    with suppress(FileNotFoundError, msgspec.DecodeError):
        outcome = msgspec.json.decode(kept.read_bytes(), type=tune.Outcome)
        if outcome.params == params:
            return outcome
    return tune.Outcome(params=params, state="unfinished")


def _next_step(task: Task, data: Data, so_far: tune.Outcome, prune: Any, *, minimise: bool) -> tune.Outcome:
    """Fit on the next inner train set; predictions on the valid sets are pooled."""
    started = time.perf_counter()
    step, params = len(so_far.steps), so_far.params
    train, valid = data.parts.inner[step]
    taught = context(task, data, train, part=step + 1)
    model = fresh(task, data, params, part=step + 1)
    info = model.fit(data.train(train), data.valid(valid), epochs=task.budget.epochs, context=taught)
    said = _predict(model, data, valid)
    if not np.isfinite(said).all():
        seconds = so_far.seconds + time.perf_counter() - started
        return tune.Outcome(params=params, state="failed", seconds=seconds)
    probabilities = so_far.probabilities + said.round(6).tolist()
    truth = data.labels[np.concatenate([rows for _, rows in data.parts.inner[: step + 1]])]
    matrix = metrics.confusion(truth, metrics.predicted(np.array(probabilities)), len(data.corpus.labels))
    uar = round(float(metrics.uar(matrix)), 6)
    cross_entropy = round(metrics.cross_entropy(truth, np.array(probabilities)), 6)
    value = cross_entropy if minimise else uar
    if step + 1 == len(data.parts.inner):
        state = "complete"
    else:
        state = "pruned" if prune(step, value) else "unfinished"
    return tune.Outcome(
        params=params,
        state=state,
        steps=[*so_far.steps, value],
        uar=uar,
        cross_entropy=cross_entropy,
        epochs=[*(so_far.epochs or []), info.epochs] if info.epochs else None,
        curves=[*so_far.curves, _kept(info.curves)],
        probabilities=probabilities,
        seconds=so_far.seconds + time.perf_counter() - started,
    )


def _kept(curves: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
    """As a record holds them: JSON knows no NaN, which a loss may become after the best epoch."""
    return {name: np.round(curve, 4).tolist() for name, curve in curves.items() if np.isfinite(curve).all()}


def fresh(task: Task, data: Data, params: dict[str, Any], *, part: int) -> Model:
    """Unfitted. Part 0 is for the last fit, k for the k-th inner set: each has a seed of its own."""
    seed = tune.seed_of(task.seed, task.fold, part)
    classes = len(data.corpus.labels)
    return plugins.make(data.plugin, classes, seed=seed, device=task.device, params=params)


def context(task: Task, data: Data, train: np.ndarray, *, part: int) -> dict[str, Model]:
    """The teacher, fitted on exactly these clips, with what its own search found; fitted once, then kept."""
    if task.teacher is None:
        return {}
    winner = task.teacher.winner
    teacher = plugins.make(
        plugins.load(task.teacher.model),
        len(data.corpus.labels),
        seed=tune.seed_of(task.seed, task.fold, part),
        device=task.device,
        params=winner.params,
    )
    kept = task.work / f"teacher-{task.fold:02d}-{part:02d}.safetensors"
    if kept.is_file():
        teacher.load_state(safetensors.numpy.load(kept.read_bytes()))  # type: ignore[attr-defined]
    else:
        teacher.fit(data.train(train), None, epochs=winner.epochs)
        if hasattr(teacher, "load_state"):
            files.write(kept, weights.encode(teacher.state()))  # type: ignore[attr-defined]
    return {"teacher": teacher}


def _predict(model: Model, data: Data, rows: np.ndarray) -> np.ndarray:
    said = np.asarray(model.predict_proba(data.hidden(rows)), dtype=np.float64)
    if said.shape != (len(rows), len(data.corpus.labels)):
        raise PluginError(
            f"{data.plugin.reference}: predict_proba gave an array of shape {said.shape}; "
            f"expected {(len(rows), len(data.corpus.labels))}, clips by classes."
        )
    finite = said[np.isfinite(said).all(axis=1)]  # the others are for the caller to judge
    if (finite < -SLACK).any() or not np.allclose(finite.sum(axis=1), 1, rtol=0, atol=SLACK):
        raise PluginError(f"{data.plugin.reference}: predict_proba gave rows that are no probabilities.")
    return said


def parameters(model: Model) -> int | None:
    """How many there are, if the model counts them; a torch module's method of that name is no count."""
    count = getattr(model, "parameters", None)
    return count if isinstance(count, int) else None


def _refit_facts(task: Task) -> FoldFacts:
    assert task.winner is not None
    return msgspec.structs.replace(task.winner, trials=[], curves=[], parameters=None)
