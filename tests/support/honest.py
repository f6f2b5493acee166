"""Records that hold, made without training: predictions are drawn, and everything else follows from them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import made_up
import numpy as np
from msgspec.structs import replace

from benchmark.execution import record_key
from benchmark.records import prediction_table, record_files, schema, scoring
from benchmark.records.answers import join
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import Cost, Count, FoldFacts, Record, Speed
from benchmark.verification import certificate, checks, submission
from benchmark.verification.certificate import Verification
from protocols import corpora, folds
from protocols.population import Population

SPACE = {
    "c": {"name": "FloatDistribution", "attributes": {"low": 0.1, "high": 10.0, "log": True, "step": None}}
}
COST = Cost(
    by="fitted shapes",
    counts=[
        Count(seconds=seconds, used=seconds, front_end=round(1000 * seconds), model={"linear": 70}, norms=0)
        for seconds in schema.LENGTHS
    ],
    parameters=None,
    weights=560,
    training=None,
)
SPEED = Speed(
    latency=3.0, slow=3.5, front_end=2.0, reference=1.0, ratio=3.01, real_time=0.001, memory=0.1,
    joules=None, processor="a processor",
)  # fmt: skip


def record(
    protocol: str = "savee-loso", model: str = "a-model", *, seed: int = 0, skill: float = 4, **changes: Any
) -> tuple[Record, Predictions]:
    """A record of a model that is not installed, and its predictions; `changes` are made_up's."""
    known = folds.load(protocol)
    corpus = corpora.load(known.corpora[0])
    made = made_up.record(protocol, model, seed=seed, trials=2, clips=len(corpus.manifest), **changes)
    table = _predictions(known, corpus, seed, skill)
    answers = join(table, {row.clip: row for row in corpus.manifest}, made.labels)
    text = prediction_table.encode(table, made.labels)
    made = replace(
        made,
        space=SPACE,
        folds=[_trained(facts) for facts in made.folds],
        scores=scoring.scores(answers),
        speakers=scoring.speakers(answers),
        predictions=hashlib.sha256(text).hexdigest(),
        cost=COST,
        run=replace(made.run, speed=SPEED),
    )
    return replace(made, key=_key(made)), table


def write(results: Path, **options: Any) -> Path:
    """Put such a record into its place; its path."""
    made, table = record(**options)
    path = record_files.place(results, made.board, made.protocol.name, made.model.name, made.seed)
    record_files.write(path, made, table)
    return path


def verify(path: Path, **changes: Any) -> Path:
    """Put a verification, bit for bit, beside the record at a path; its path."""
    made = record_files.read(path)
    verification = Verification(
        schema=certificate.SCHEMA,
        record=hashlib.sha256(path.read_bytes()).hexdigest(),
        predictions=made.predictions,
        largest=0.0,
        uar=made.scores.uar,
        recorded_uar=made.scores.uar,
        span=0.0,
        blind="not tried",
        verdict="bit for bit",
        by="",
        finished="2030-01-01T00:00:00Z",
        seconds=1.0,
        unheard="0.1.0",
        environment=made.environment,
    )
    place = certificate.place(path)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(certificate.encode(replace(verification, **changes)))
    return place


def change(path: Path, *steps: Any) -> None:
    """Change the value at the end of `steps` (keys, indices), by a function or to a value."""
    document = json.loads(path.read_text())
    *way, last, new = steps
    block = document
    for step in way:
        block = block[step]
    block[last] = new(block[last]) if isinstance(new, Callable) else new  # type: ignore[arg-type]
    path.write_text(json.dumps(document))


def problems(path: Path) -> list[str]:
    """What every check finds wrong with the record at a path."""
    return checks.problems(submission.read(path))


def assert_named(path: Path, steps: Sequence[Any], message: str) -> None:
    """What `change` does is found, by a problem that begins so."""
    change(path, *steps)
    found = problems(path)
    assert any(problem.startswith(message) for problem in found), found


def _predictions(protocol: folds.Protocol, corpus: corpora.Corpus, seed: int, skill: float) -> Predictions:
    """Of every test clip, by fold, then clip; better than guessing by `skill`."""
    rows = Population((corpus,), protocol.labels).rows
    tested = [
        (number, rows[index])
        for number, fold in enumerate(protocol.folds)
        for index in np.flatnonzero(fold.test.of(rows))
    ]
    rng = np.random.default_rng(seed)
    chances = rng.random((len(tested), len(corpus.labels)))
    truth = [corpus.labels.index(row.emotion) for _, row in tested]
    chances[np.arange(len(tested)), truth] *= skill
    table = (chances / chances.sum(axis=1, keepdims=True)).round(schema.DECIMALS)
    return Predictions([row.clip for _, row in tested], np.array([fold for fold, _ in tested]), table)


def _trained(facts: FoldFacts) -> FoldFacts:
    """A fold of a model that trains for seven epochs and does not count its parameters."""
    trials = [replace(trial, epochs=[7]) for trial in facts.trials]
    return replace(facts, parameters=None, epochs=7, trials=trials)


def _key(made: Record) -> dict[str, Any]:
    """What the key repeats of a record."""
    return {
        "protocol": made.protocol.digest,
        "corpus copy": schema.copy_digest(made.corpora),
        "model": f"{made.model.name} {made.model.version}",
        "model source": made.model.source,
        "features": made.features,
        "space": {name: json.dumps(distribution) for name, distribution in made.space.items()},
        "defaults": {"c": 1.0},
        "budget": {"trials": 2, "epochs": None, "folds": None},
        "seed": made.seed,
        "numerics": "fp32",
        "versions": {"numpy": "2.0.0", "torch": "2.11.0"},
        "training": record_key.TRAINING_VERSION,
    }
