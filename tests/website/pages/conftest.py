"""A site of made-up records that have predictions and learning curves, or neither."""

import hashlib

import made_up
import numpy as np
import pytest
from msgspec.structs import replace

from benchmark.ranking import catalogue
from benchmark.records import answers, prediction_table, record_files, scoring
from benchmark.website import build
from protocols import corpora

CURVES = [{"train loss": [2.0, 1.0], "validation UAR": [0.25, 0.5]}]


@pytest.fixture(scope="session")
def predictions():
    """Predictions of every clip of EMO-DB, and of no model."""
    corpus = corpora.load("emodb")
    chances = np.random.default_rng(0).dirichlet(np.ones(7), len(corpus.manifest)).round(4)
    names = [clip.clip for clip in corpus.manifest]
    return prediction_table.Predictions(names, np.zeros(len(names), dtype=int), chances)


def whole(seed, predictions):
    """A record of EMO-DB with these predictions, and curves where it is seed 0."""
    corpus = corpora.load("emodb")
    known = {row.clip: row for row in corpus.manifest}
    matrices = scoring.speakers(answers.join(predictions, known, corpus.labels))
    made = made_up.record("emodb-loso", "good", seed=seed, speakers=matrices)
    digest = hashlib.sha256(prediction_table.encode(predictions, made.labels)).hexdigest()
    folds = [replace(fold, curves=CURVES if seed == 0 else []) for fold in made.folds]
    return replace(made, predictions=digest, folds=folds)


@pytest.fixture(scope="session")
def good(predictions):
    """The record of the site's model `good` at seed 0."""
    return whole(0, predictions)


@pytest.fixture(scope="session")
def built(predictions, tmp_path_factory):
    """The site: `good` on EMO-DB with predictions of three seeds, `bare` elsewhere without any."""
    root = tmp_path_factory.mktemp("pages")
    made = [whole(seed, predictions) for seed in range(3)]
    for record in made:
        path = record_files.place(root / "results", record.board, record.protocol.name, "good", record.seed)
        record_files.write(path, record, predictions)
    without = [made_up.record(name, "bare", skill=0.5) for name in ("tess-2fold", "savee-loso", "toy")]
    with made_up.believed():
        found = build.build([*made, *without], root / "out", known=catalogue.read(), results=root / "results")
    return found.parent
