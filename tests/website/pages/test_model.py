"""A model's page: pictures with words beside them, and what it leaves out."""

import hashlib
import re

import made_up
import numpy as np
from msgspec.structs import replace
from reading import Elements

from benchmark.records import answers, prediction_table, record_files
from benchmark.records.schema import Speed
from benchmark.scores.calibration import reliability
from benchmark.website import build
from protocols import corpora


def page(built, path):
    return Elements(built / "derived" / f"{path}.html")


def test_calibration_is_that_of_all_seeds_and_names_its_bins(built, predictions):
    corpus = corpora.load("emodb")
    truth = answers.indices(corpus.manifest, corpus.labels)
    found = reliability(np.tile(predictions.probabilities, (3, 1)), np.tile(truth, 3))
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


def test_predictions_of_unknown_clips_are_left_out(known, good, predictions, tmp_path):
    strangers = prediction_table.Predictions(
        [f"x{i}" for i in range(len(predictions.clips))], predictions.folds, predictions.probabilities
    )
    digest = hashlib.sha256(prediction_table.encode(strangers, good.labels)).hexdigest()
    made = replace(good, predictions=digest)
    record_files.write(record_files.place(tmp_path, "derived", "emodb-loso", "good", 0), made, strangers)
    with made_up.believed():
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


def test_the_page_shows_sexes_recalls_digests_and_how_to_cite(built, good):
    shown = page(built, "model/good")
    corpus = corpora.load("emodb")
    women = np.sum([good.speakers[s] for s, sex in corpus.speakers.items() if sex == "female"], axis=0)
    uar = np.mean(np.diag(women) / women.sum(axis=1))
    assert f"EMO-DB 5 {100 * uar:.1f} 5 " in shown.text
    assert {f"recall of {label}" for label in corpus.labels} <= {
        a["aria-label"].partition(":")[0] for t, a in shown.tags if t == "svg"
    }
    assert good.predictions in shown.text
    assert "@misc{unheard-derived-good," in shown.text
    assert "TESS 2 " in page(built, "model/bare").text


def test_temperatures_at_their_bound_are_counted_and_explained(known, tmp_path):
    made = made_up.record("emodb-loso")
    odd = [replace(fold, temperature=t) for fold, t in zip(made.folds, (20.0855, 0.0498), strict=False)]
    made = replace(made, folds=[*odd, *made.folds[2:]])
    out = build.build([made, made_up.record("savee-loso", "usual")], tmp_path / "out", known=known).parent
    text = page(out, "model/logreg").text
    assert "Temperatures at their bound: 2. They are looked for between 1/20 and 20" in text
    assert text.count("at its bound") == 2
    assert "bound" not in page(out, "model/usual").text


def test_the_page_tells_optimism_and_what_its_seeds_are(built, good):
    shown, uar = page(built, "model/good").text, made_up.uar(good)
    assert "1 and 2 refit the winners of seed 0, so how much the search varies is not in the spread" in shown
    assert f" {100 * (0.5 - uar):+.1f} ".replace("-", "−") in shown
    assert "one inner fold" not in shown
    of_record = f" 20 {100 * (0.5 - good.scores.uar):+.1f} cpu "
    assert shown.count(of_record) == 1  # seed 0's: those that refitted it do not tell
    bare = page(built, "model/bare").text
    assert "Less of it is removed on TESS: its outer folds have one inner fold." in bare
    assert "refit the winners" not in bare  # it has one seed


def test_models_that_search_with_each_seed_say_so(known, tmp_path):
    first, *others = made_up.seeds("savee-loso")
    made = [first, *(replace(record, folds=first.folds) for record in others)]
    out = build.build(made, tmp_path / "out", known=known).parent
    assert "three; each searches anew" in page(out, "model/logreg").text
    assert "each searched" in page(out, "protocol/savee-loso").text
    assert "not in the spread" not in page(out, "model/logreg").text


def test_the_page_and_the_board_give_the_fastest_time_by_a_protocol_that_ranks(known, tmp_path):
    def timed(record, ms):
        speed = Speed(latency=ms, slow=ms, front_end=ms / 2, reference=1.0, ratio=ms, real_time=ms / 3000,
                      memory=None, joules=None, processor="a processor")  # fmt: skip
        return replace(record, run=replace(record.run, speed=speed))

    made = [
        *map(timed, made_up.seeds("emodb-loso"), (60.0, 4.0, 7.0)),
        timed(made_up.record("savee-loso"), 900.0),
        timed(made_up.record("savee-as-published"), 2.0),  # leaks, so it does not rank
    ]
    out = build.build(made, tmp_path / "out", known=known).parent
    row = next(a for tag, a in Elements(out / "index.html").tags if tag == "tr" and "data-ms" in a)
    assert row["data-ms"] == "4.0"
    assert "Latency 4 ms 50 % of it the front end's" in page(out, "model/logreg").text
