"""The corpus's and the model's page: pictures with words beside them, and what they leave out."""

import hashlib
import re

import made_up
import numpy as np
import pytest
from msgspec.structs import replace
from reading import Elements

from benchmark.ranking import catalogue
from benchmark.records import answers, prediction_table, record_files, scoring
from benchmark.scores.calibration import reliability
from benchmark.website import build
from protocols import corpora

CURVES = [{"train loss": [2.0, 1.0], "validation UAR": [0.25, 0.5]}]


@pytest.fixture(scope="module")
def known():
    return catalogue.read()


@pytest.fixture(scope="module")
def said():
    """Predictions of every clip of EMO-DB, and of nobody's."""
    corpus = corpora.load("emodb")
    chances = np.random.default_rng(0).dirichlet(np.ones(7), len(corpus.manifest)).round(4)
    names = [clip.clip for clip in corpus.manifest]
    return prediction_table.Predictions(names, np.zeros(len(names), dtype=int), chances)


def whole(seed, said):
    """A record of EMO-DB with what is said, and curves where it is seed 0."""
    corpus = corpora.load("emodb")
    known = {row.clip: row for row in corpus.manifest}
    matrices = scoring.speakers(answers.join(said, known, corpus.labels))
    made = made_up.record("emodb-loso", "good", seed=seed, speakers=matrices)
    digest = hashlib.sha256(prediction_table.encode(said, made.labels)).hexdigest()
    folds = [replace(fold, curves=CURVES if seed == 0 else []) for fold in made.folds]
    return replace(made, predictions=digest, folds=folds)


@pytest.fixture(scope="module")
def built(known, said, tmp_path_factory):
    root = tmp_path_factory.mktemp("pages")
    made = [whole(seed, said) for seed in range(3)]
    for record in made:
        path = record_files.place(root / "results", record.board, record.protocol.name, "good", record.seed)
        record_files.write(path, record, said)
    without = [made_up.record(name, "bare", skill=0.5) for name in ("tess-2fold", "savee-loso", "toy")]
    return build.build([*made, *without], root / "out", known=known, results=root / "results").parent


def page(built, path):
    return Elements(built / "derived" / f"{path}.html")


def test_every_picture_has_a_role_and_a_name(built):
    pages = [*built.glob("derived/corpus/*.html"), *built.glob("derived/model/*.html")]
    pictures = [a for path in pages for tag, a in Elements(path).tags if tag == "svg"]
    assert len(pages) == 6
    assert pictures
    assert all(a["role"] == "img" and a["aria-label"].strip() for a in pictures)


def test_calibration_is_that_of_all_seeds_and_tells_its_bins(built, said):
    corpus = corpora.load("emodb")
    truth = answers.indices(corpus.manifest, corpus.labels)
    found = reliability(np.tile(said.probabilities, (3, 1)), np.tile(truth, 3))
    good = page(built, "model/good")
    assert f"Expected calibration error (Guo et al. 2017): {100 * found.error:.1f} %" in good.text
    (label,) = [a["aria-label"] for t, a in good.tags if t == "svg" and "Calibration" in a["aria-label"]]
    assert [int(n) for n in re.findall(r"of (\d+) predictions", label)] == [
        b.count for b in found.bins if b.count
    ]


def test_without_predictions_calibration_is_left_out_in_words(built):
    text = page(built, "model/bare").text
    assert text.count("Calibration is left out: the predictions are not at hand") == 3
    assert "Expected calibration error" not in text


def test_predictions_of_unknown_clips_are_left_out(known, said, tmp_path):
    strangers = prediction_table.Predictions(
        [f"x{i}" for i in range(len(said.clips))], said.folds, said.probabilities
    )
    made = whole(0, said)
    digest = hashlib.sha256(prediction_table.encode(strangers, made.labels)).hexdigest()
    made = replace(made, predictions=digest)
    record_files.write(record_files.place(tmp_path, "derived", "emodb-loso", "good", 0), made, strangers)
    out = build.build([made], tmp_path / "out", known=known, results=tmp_path).parent
    assert "Calibration is left out" in page(out, "model/good").text


def test_learning_curves_are_seed_0_s(built):
    good = page(built, "model/good")
    labels = [a["aria-label"] for t, a in good.tags if t == "svg" and "by epoch" in a["aria-label"]]
    assert labels == [
        "EMO-DB: train loss by epoch, 1 to 2: 2.00, 1.00",
        "EMO-DB: validation UAR in percent by epoch, 1 to 2: 25, 50",
    ]
    assert "the mean of 10 trainings" in good.text
    assert "by epoch" not in page(built, "model/bare").text


def test_the_model_page_tells_sexes_recalls_digests_and_how_to_cite(built, said):
    good, made = page(built, "model/good"), whole(0, said)
    corpus = corpora.load("emodb")
    women = np.sum([made.speakers[s] for s, sex in corpus.speakers.items() if sex == "female"], axis=0)
    uar = np.mean(np.diag(women) / women.sum(axis=1))
    assert f"EMO-DB 5 {100 * uar:.1f} 5 " in good.text
    assert {f"recall of {label}" for label in corpus.labels} <= {
        a["aria-label"].partition(":")[0] for t, a in good.tags if t == "svg"
    }
    assert made.predictions in good.text
    assert "@misc{unheard-derived-good," in good.text
    assert "TESS 2 " in page(built, "model/bare").text


def test_the_corpus_page_shows_folds_audit_and_what_is_hardest(built):
    savee = page(built, "corpus/savee-loso")
    assert "text predicts label : The words alone give much of the emotion away" in savee.text
    assert "77.1 % UAR" in savee.text
    assert "none: no speaker and no audio is in two parts" in savee.text
    assert "Mean over the one ranked model that is better than chance" in savee.text
    assert "KL male" in savee.text
    assert re.search(r"\w+ taken for \w+ \d+ %", savee.text)
    tess = page(built, "corpus/tess-2fold").text
    assert "160 sentences" in tess
    assert "one training speaker" in tess
    assert "Picture of the folds" not in page(built, "corpus/toy").text


def test_people_stand_beside_chance_and_the_best_model(known, tmp_path):
    out = build.build(made_up.seeds("ravdess-6fold", skill=0.5), tmp_path / "out", known=known).parent
    text = page(out, "corpus/ravdess-6fold").text
    assert "Beside people Chance 12.5 % UAR Best model here" in text
    assert "People 62.4 % accuracy (Livingstone" in text


def test_a_protocol_of_another_corpus_is_not_drawn(known, tmp_path):
    made = made_up.record("emodb-loso")
    odd = replace(made, corpora=[replace(made.corpora[0], name="savee")])
    out = build.build([odd], tmp_path / "out", known=known).parent
    assert "Audit of the folds" not in page(out, "corpus/emodb-loso").text
