"""Made-up records: every clip is invented, every number follows from the matrices."""

from contextlib import contextmanager
from functools import cache

import numpy as np
import pytest

from benchmark.ranking import leaderboard
from benchmark.records import schema, states
from benchmark.scores import metrics
from benchmark.verification import judgement
from protocols import corpora, folds

LABELS = ["anger", "joy", "neutral"]


@cache
def protocol(name):
    return folds.load(name)


def shape(name):
    """Corpus name, labels, digest and test speakers by fold: of a known protocol, or of an invented one."""
    if name == "toy":
        return "toy", LABELS, "toy-digest", [(f"s{i:02}",) for i in range(12)]
    known = protocol(name)
    corpus, labels = corpora.load(known.corpora[0]), folds.population(known).labels
    tests = [fold.test.speakers or tuple(corpus.speakers) for fold in known.folds]
    return corpus.name, list(labels), known.digest, tests


def matrices(speakers, classes, *, skill, seed, clips=4):
    """Confusion matrices by speaker; `skill` is the chance of the right class beyond guessing."""
    rng = np.random.default_rng(seed)
    chances = skill * np.eye(classes) + (1 - skill) / classes
    return {speaker: rng.multinomial(clips, chances).tolist() for speaker in speakers}


def record(
    name="toy",
    model="logreg",
    *,
    seed=0,
    skill=0.4,
    board="derived",
    speakers=None,
    engine=3,
    numerics="fp32",
    **changes,
):
    """A record of one seed. `changes` are fields of its model, budget, corpus and protocol."""
    corpus, labels, digest, tests = shape(name)
    if speakers is None:
        everyone = [speaker for test in tests for speaker in test]
        rng_seed = seed + sum(map(ord, model))
        speakers = matrices(everyone, len(labels), skill=skill, seed=rng_seed)
    taken = set()

    def facts(struct, **values):
        new = {key: changes[key] for key in changes if key in struct.__struct_fields__ and key != "name"}
        taken.update(new)
        return struct(**{**values, **new})

    made = schema.Record(
        schema=schema.SCHEMA,
        board=board,
        model=facts(
            schema.ModelFacts,
            name=model,
            version="1",
            title=model.replace("-", " ").title(),
            summary="A made-up model.",
            paper="A. Author: A paper. https://example.org/paper",
            licence="Apache-2.0",
            pretraining=[],
            transductive=False,
            deterministic=False,
            source="0" * 64,
            package="",
        ),
        protocol=facts(schema.ProtocolFacts, name=name, version=1, digest=digest),
        corpora=[facts(
            schema.CorpusFacts,
            name=corpus,
            kind=board,
            digest="c" * 64,
            clips=sum(sum(row) for matrix in speakers.values() for row in matrix),
            missing=[],
            selection="miniature" if board == "synthetic" else "full",
        )],
        labels=labels,
        seed=seed,
        budget=facts(schema.Budget, trials=20, epochs=None, folds=None),
        features={"front_end": "mfcc", "options": {"n_mfcc": 20}},
        space={"c": '{"name": "FloatDistribution", "attributes": {"low": 0.1, "high": 10.0}}'},
        key={"seed": seed, "training": engine, "numerics": numerics},
        folds=[_fold(number, list(test), seed=seed) for number, test in enumerate(tests)],
        scores=schema.Scores(
            uar=0.111, accuracy=0.111, macro_f1=0.111, cross_entropy=1.0, recalls={},
            fold_uar_mean=0.111, fold_uar_std=0.0, fold_accuracy_mean=0.111, fold_accuracy_std=0.0,
        ),  # not what the matrices say: nobody may copy them
        speakers=speakers,
        predictions="p" * 64,
        environment=schema.Environment(
            python="3.11.9", platform="Linux x86_64", processor="a processor", device="cpu",
            versions={"numpy": "2.0.0", "torch": "2.11.0"}, constraints="k" * 64, commit="abc1234",
        ),
        run=schema.Run(finished="2030-01-01T00:00:00Z", seconds=12.5, host_cores=2, unheard="0.1.0"),
    )  # fmt: skip
    assert taken == set(changes), set(changes) - taken
    return made


def seeds(*args, n=3, **options):
    return [record(*args, seed=seed, **options) for seed in range(n)]


@contextmanager
def believed():
    """Made-up records in a folder do not hold, and would not rank: here nobody looks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judgement, "of", lambda results: states.unchecked)  # noqa: ARG005
        yield


def uar(made):
    """The pooled UAR of a record, from its matrices."""
    return metrics.uar(np.sum(list(made.speakers.values()), axis=0))


def _fold(number, test, *, seed):
    trial = schema.Trial(params={"c": 1.0}, state="complete", uar=0.4, cross_entropy=1.2, epochs=None)
    better = schema.Trial(params={"c": 3.0}, state="complete", uar=0.5, cross_entropy=1.1, epochs=None)
    return schema.FoldFacts(
        fold=number, test=test, params={"c": 3.0}, epochs=None, temperature=1.3, parameters=1234 + number,
        trials=[trial, better] if seed == 0 else [],
    )  # fmt: skip


def table(records, **known):
    """The table of these records' protocol, on the board of derived copies."""
    known = {"protocols": {}, "corpora": {}} | known
    return leaderboard.build(records, **known)["derived"].tables[records[0].protocol.name]
