"""A good record, made once by the real engine, is doctored in every way; each must be found and named."""

import re
from pathlib import Path

import pytest
from honest import change, problems

from benchmark.cli.main import main
from benchmark.records import record_files

pytestmark = pytest.mark.slow


def test_a_good_record_holds(record):
    assert problems(record) == []


def test_a_good_record_holds_wherever_its_folder_is(record, tmp_path, monkeypatch):
    monkeypatch.chdir(record.parent)
    assert problems(Path("seed-0.json")) == []
    assert tmp_path != Path.cwd()


def nudge(value):
    return round(value + 1e-6, 6)


def more(value):
    return value + 1


IN_THE_RECORD = {
    "the winner's parameters": (
        ("folds", 0, "params", "C", more),
        "fold 0: its parameters or epochs are not",
    ),
    "the winner's epochs": (("folds", 1, "epochs", lambda _: 7), "fold 1: its parameters or epochs are not"),
    "no trials": (("folds", 0, "trials", lambda _: []), "fold 0: it lists 0 trials, but its budget is 1"),
    "more trials than the budget": (
        ("folds", 0, "trials", lambda trials: trials * 21),
        "fold 0: it lists 21 trials, but its budget is 1",
    ),
    "a winner that is not the best trial": (
        ("folds", 0, "trials", lambda trials: [*trials, {**trials[0], "uar": 1.0, "params": {"C": 7.0}}]),
        "fold 0: its parameters or epochs are not those of its best trial",
    ),
    "another first trial": (
        ("folds", 0, "trials", 0, "params", "C", more),
        "fold 0: trial 0 is not the model's own setting",
    ),
    "a trial without a UAR": (("folds", 0, "trials", 0, "uar", None), "fold 0: a trial is complete, but has"),
    "no trial that is complete": (
        ("folds", 0, "trials", 0, "state", "pruned"),
        "fold 0: none of its trials is complete",
    ),
    "a budget of no trial": (("budget", "trials", 0), "its budget is 0 trials"),
    "another space": (("space", "C", "attributes", "high", 1e9), "its space differs between the record and"),
    "a space that is none": (("key", "space", {"C": "[" * 10_000}), "its space differs"),
    "a temperature of nothing": (
        ("folds", 0, "temperature", 0.0),
        "fold 0: its temperature 0.0 is not between 1/20 and 20",
    ),
    "parameters below zero": (("folds", 0, "parameters", -1), "fold 0: its epochs or parameters are neg"),
    "a cost below zero": (
        ("cost", "counts", 1, "norms", -5),
        "cost.counts.1.norms is -5, which cannot be negative",
    ),
    "a training below zero": (
        ("cost", "training", -(10**12)),
        "cost.training is -1000000000000, wh",
    ),
    "a cost at other lengths": (
        ("cost", "counts", lambda c: c[:2]),
        "its cost is not counted for 1, 3 a",
    ),
    "a time below zero": (("run", "seconds", -3.0), r"run.seconds is -3.0, which cannot be negative"),
    "an extra class": (("labels", lambda labels: [*labels, "awe"]), "its labels are not anger, boredom"),
    "too few classes": (("labels", lambda labels: labels[:-1]), "its labels are not anger, boredom"),
    "a name that leads elsewhere": (
        ("model", "name", "../../x"),
        r"its model is called '../../x', which is not lower case letters, digits and hyphens",
    ),
    "a protocol that leads elsewhere": (("protocol", "name", "/etc/x"), "its protocol is called '/etc/x'"),
    "a corpus that leads elsewhere": (("corpora", 0, "name", "..\\emodb"), "its corpus is called"),
    "a name that a terminal obeys": (("model", "name", "\x1b[2J"), r"its model is called '\\x1b\[2J'"),
    "an integer of 400 digits": (("seed", 10**400), "not a record: a number of 401 characters"),
    "an integer beyond 2^53": (
        ("corpora", 0, "clips", 2**53 + 1),
        "the integer 9007199254740993 is beyond 2",
    ),
    "a seed below zero": (("seed", -1), r"its place must end in synthetic/emodb-loso/mfcc-logreg/seed--1"),
    "a digit of the UAR": (("scores", "uar", nudge), r"scores\.uar is .*, but .* follows from the pred"),
    "a digit of the accuracy": (("scores", "accuracy", nudge), r"scores\.accuracy is"),
    "a digit of the macro-F1": (("scores", "macro_f1", nudge), r"scores\.macro_f1 is"),
    "a digit of the cross-entropy": (("scores", "cross_entropy", nudge), r"scores\.cross_entropy is"),
    "a digit of the folds' mean": (("scores", "fold_uar_mean", nudge), r"scores\.fold_uar_mean is"),
    "a digit of the folds' deviation": (("scores", "fold_accuracy_std", nudge), r"scores\.fold_accuracy_std"),
    "a recall": (("scores", "recalls", "fear", nudge), r"scores\.recalls is"),
    "a recall of a class that is none": (("scores", "recalls", "joy", 1.0), r"scores\.recalls is"),
    "a speaker's matrix": (("speakers", "03", 0, 0, more), r"speakers\.03 is"),
    "a speaker who was not tested": (("speakers", "16", [[0] * 7] * 7), r"speakers\.16 is .*, but None"),
    "another split's digest": (("protocol", "digest", "0" * 64), "its split digest differs"),
    "a split that leaks": (
        ("protocol", "leaks", "a lot"),
        "whether it leaks or ranks is not what emodb-loso",
    ),
    "another board": (("board", "official"), "its board is official, its corpus copy is synthetic"),
    "another label set": (("labels", lambda labels: labels[::-1]), "its labels are not anger, boredom"),
    "another seed": (("seed", 1), "its seed differs between the record and its key"),
    "another seed in the key": (("key", "seed", 1), "its seed differs between the record and its key"),
    "another budget": (("budget", "trials", 20), "its budget differs between the record and its key"),
    "another copy": (("corpora", 0, "digest", "0" * 64), "its corpus copy digest differs"),
    "other source": (("model", "source", "0" * 64), "its model source differs"),
    "another model version": (("model", "version", "2"), "its model differs"),
    "other features": (("features", "options", "n_mfcc", 40), "its features differs"),
    "another split in the key": (("key", "protocol", "0" * 64), "its split digest differs"),
    "a key without a part": (("key", {}), "its corpus copy digest differs"),
    "another test speaker": (("folds", 0, "test", ["16"]), "fold 0: its test speakers are not the split's"),
    "a fold that was not run": (("folds", 1, "fold", 7), r"it lists folds \[0, 7\], but .* for \[0, 1\]"),
    "a fold from the end": (("folds", 1, "fold", -1), r"it lists folds \[0, -1\]"),
    "a fold less": (("folds", lambda folds: folds[:1]), r"it lists folds \[0\]"),
    "a budget of more folds": (("budget", "folds", None), "57 of 75 test clips|test clips have no row"),
    "a budget of folds that are none": (("budget", "folds", [0, 1, 99]), r"\[0, 1, 99\] are not folds of"),
    "a budget of no fold": (("budget", "folds", []), "it has no test clips at all"),
    "clips that are there": (
        ("corpora", 0, "missing", ["03a01Fa"]),
        "but 134 are not missing|no test clip",
    ),
    "strange clips missing": (
        ("corpora", 0, "missing", ["x"]),
        "x cannot be missing: emodb has no such clip",
    ),
    "more clips": (("corpora", 0, "clips", more), r"its corpus copy says 136 clips, but 135 are not missing"),
    "the whole manifest": (("corpora", 0, "selection", "full"), "test clips have no row"),
    "other predictions' digest": (("predictions", "0" * 64), "the predictions file is not the one"),
    "another corpus": (("corpora", 0, "name", "savee"), "the columns must be clip, fold, anger, disgust"),
    "an unknown corpus": (("corpora", 0, "name", "emobd"), "there is no 'emobd'. Did you mean emodb"),
    "an unknown protocol": (("protocol", "name", "emodb-lsoo"), "Did you mean emodb-loso"),
    "an unknown schema": (("schema", 99), "schema 99 is unknown"),
    "an unknown field": (("scores", "wer", 0.1), "unknown field `wer`"),
}


@pytest.mark.parametrize("kind", IN_THE_RECORD)
def test_what_is_doctored_in_the_record_is_named(record, kind, capsys, results):
    steps, message = IN_THE_RECORD[kind]
    change(record, *steps)
    found = problems(record)
    assert any(re.search(message, problem) for problem in found), found
    assert main(["verify", "--results", str(results)]) == 2
    shown = capsys.readouterr().out
    assert str(record) in shown
    assert f"1 record: 1 {'self-reported' if 'Did you mean emodb-loso' in message else 'invalid'}\n" in shown


def test_a_miniature_is_synthetic(results, record):
    for key in (("board",), ("corpora", 0, "kind")):
        change(record, *key, "derived")
    place = results / "derived" / record.relative_to(results / "synthetic")
    place.parent.mkdir(parents=True)
    for file in record.parent.iterdir():
        file.rename(place.parent / file.name)
    assert problems(place) == ["only a synthetic corpus has a miniature selection"]


@pytest.mark.parametrize("seed", ["seed-1.json", "seed-00.json"])
def test_a_wrong_name(record, results, seed):
    moved = record.with_name(seed)
    record_files.predictions_place(record).rename(record_files.predictions_place(moved))
    record.rename(moved)
    assert problems(moved) == [f"its place must end in {record.relative_to(results).as_posix()}"]


def test_a_wrong_folder(results, record):
    elsewhere = record.parent.rename(results / "synthetic" / "emodb-loso" / "small-cnn") / record.name
    assert problems(elsewhere) == [f"its place must end in {record.relative_to(results).as_posix()}"]
