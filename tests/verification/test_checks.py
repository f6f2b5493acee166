"""A good record, made once by the real engine, is doctored in every way; each must be found and named."""

import gzip
import json
import os
import re
import shutil
from pathlib import Path

import pytest

from benchmark.cli.main import main
from benchmark.records import prediction_table, record_files
from benchmark.records.states import MEANING
from benchmark.storage import bounds, files
from benchmark.verification import checks, submission

pytestmark = pytest.mark.slow

PLACE = Path("synthetic") / "emodb-loso" / "mfcc-logreg" / "seed-0.json"


@pytest.fixture(scope="session")
def good(cache):
    """The results folder of one run on an embedded corpus; the workers of pytest-xdist share it."""
    folder = cache.with_name("a good record")
    folder.mkdir(exist_ok=True)
    wanted = ["--data", "demo", "--corpus", "emodb", "--model", "mfcc-logreg"]
    with pytest.MonkeyPatch.context() as patch, files.lock(folder / ".lock"):
        patch.chdir(folder)  # where the site goes
        if not (folder / "results" / PLACE).exists():
            assert main(["run", *wanted, "--jobs", "1", "--results", str(folder / "results")]) == 0
    return folder / "results"


@pytest.fixture
def results(good, tmp_path):
    """A copy of it, to be doctored."""
    return Path(shutil.copytree(good, tmp_path / "results"))


@pytest.fixture
def record(results):
    return results / PLACE


def problems(path):
    return checks.problems(submission.read(path))


def change(path, *steps):
    """Change the value at the end of `steps` (keys, indices), by a function or to a value."""
    document = json.loads(path.read_text())
    *way, last, new = steps
    block = document
    for step in way:
        block = block[step]
    block[last] = new(block[last]) if callable(new) else new
    path.write_text(json.dumps(document))


def change_rows(path, doctor, *, vouch=True):
    """Doctor the rows of the predictions; `vouch` puts their new digest into the record."""
    place = record_files.predictions_place(path)
    header, *lines = gzip.decompress(place.read_bytes()).decode().splitlines()
    rows = [line.split(",") for line in lines]
    rows = doctor(rows) or rows
    text = "\n".join([header, *(",".join(row) for row in rows)]) + "\n"
    place.write_bytes(gzip.compress(text.encode(), mtime=0))
    if vouch:
        _, digest = prediction_table.read(place, json.loads(path.read_text())["labels"])
        change(path, "predictions", digest)


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
    place = results / "derived" / PLACE.relative_to("synthetic")
    place.parent.mkdir(parents=True)
    for file in record.parent.iterdir():
        file.rename(place.parent / file.name)
    assert problems(place) == ["only a synthetic corpus has a miniature selection"]


@pytest.mark.parametrize("seed", ["seed-1.json", "seed-00.json"])
def test_a_wrong_name(record, seed):
    moved = record.with_name(seed)
    record_files.predictions_place(record).rename(record_files.predictions_place(moved))
    record.rename(moved)
    assert problems(moved) == [f"its place must end in {PLACE.as_posix()}"]


def test_a_wrong_folder(results, record):
    elsewhere = record.parent.rename(results / "synthetic" / "emodb-loso" / "small-cnn") / record.name
    assert problems(elsewhere) == [f"its place must end in {PLACE.as_posix()}"]


def set_value(value, column=2):
    def doctor(rows):
        rows[0][column] = value

    return doctor


def swap_clips(rows):
    rows[0][0], rows[-1][0] = rows[-1][0], rows[0][0]


def swap_probabilities(rows):
    """Of two clips of one fold and different classes, with different probabilities."""
    other = next(
        row for row in rows if row[1] == rows[0][1] and row[0][5] != rows[0][0][5] and row[2:] != rows[0][2:]
    )
    rows[0][2:], other[2:] = other[2:], rows[0][2:]


def flip(rows):
    """All belief in the class that had least."""
    least = min(range(2, 9), key=lambda column: float(rows[0][column]))
    rows[0][2:] = ["1.0000" if column == least else "0.0000" for column in range(2, 9)]


IN_THE_ROWS = {
    "NaN": (set_value("nan"), "{clip}: its probabilities are not finite"),
    "infinite": (set_value("inf"), "{clip}: its probabilities are not finite"),
    "negative": (set_value("-0.1000"), "{clip}: its probabilities are not in [0, 1]"),
    "above one": (set_value("1.1000"), "{clip}: its probabilities are not in [0, 1]"),
    "a sum of two": (
        lambda rows: rows[0].__setitem__(slice(2, None), ["1.0000"] * 2 + ["0.0000"] * 5),
        "{clip}: its probabilities are not of sum 1",
    ),
    "a missing clip": (lambda rows: rows[1:], "1 of 25 test clips have no row, first {clip}"),
    "a double clip": (lambda rows: [rows[0], *rows], "{clip} has two rows"),
    "a strange clip": (set_value("99z99Zz", 0), "99z99Zz is no test clip of this record"),
    "a training clip": (set_value("16a01Fc", 0), "16a01Fc is no test clip of this record"),
    "the wrong fold": (set_value("1", 1), "{clip} is tested in fold 0, not 1"),
    "clips of two folds swapped": (swap_clips, "{clip} is tested in fold 0, not 1"),
    "no rows": (lambda rows: rows.clear(), "25 of 25 test clips have no row, first {clip}"),
}


@pytest.mark.parametrize("kind", IN_THE_ROWS)
def test_what_is_doctored_in_the_predictions_is_named(record, results, kind, capsys):
    doctor, message = IN_THE_ROWS[kind]
    first = gzip.decompress(record_files.predictions_place(record).read_bytes()).decode().splitlines()[1]
    change_rows(record, doctor)
    assert message.format(clip=first.split(",")[0]) in problems(record)
    assert main(["verify", str(record)]) == 2
    assert message.format(clip=first.split(",")[0]) in capsys.readouterr().out
    assert results.is_dir()


@pytest.mark.parametrize("doctor", [flip, swap_probabilities])
def test_changed_probabilities_do_not_give_the_scores(record, doctor):
    change_rows(record, doctor)
    assert any(problem.startswith("scores.cross_entropy is") for problem in problems(record))


def test_a_changed_prediction_is_found_in_its_speaker(record):
    change_rows(record, flip)
    assert any(problem.startswith("speakers.03 is") for problem in problems(record))


def test_a_changed_digit_that_changes_no_score_is_found_by_the_digest(record):
    def last_digit(rows):
        """Move 1e-4 between two classes that are not the true one, nor the predicted one."""
        predicted = max(range(2, 9), key=lambda column: float(rows[0][column]))
        happiness = 2 + 4  # the first clip's class
        one, other = [c for c in range(2, 9) if c not in (predicted, happiness) and float(rows[0][c]) > 1e-3][
            :2
        ]
        rows[0][one] = f"{float(rows[0][one]) - 1e-4:.4f}"
        rows[0][other] = f"{float(rows[0][other]) + 1e-4:.4f}"

    change_rows(record, last_digit, vouch=False)
    assert problems(record) == ["the predictions file is not the one that the record was written with"]


def in_the_text(record, doctor):
    place = record_files.predictions_place(record)
    place.write_bytes(gzip.compress(doctor(gzip.decompress(place.read_bytes()).decode()).encode()))
    return problems(record)


COLUMNS = {
    "a strange column": lambda text: text.replace("\n", ",joy\n", 1),
    "swapped labels": lambda text: text.replace("anger,boredom", "boredom,anger", 1),
    "a class less": lambda text: text.replace(",sadness\n", "\n", 1),
    "no header": lambda text: text.split("\n", 1)[1],
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_strange_columns(record, kind):
    (found,) = in_the_text(record, COLUMNS[kind])
    place = record_files.predictions_place(record)
    assert found.startswith(f"{place}: not a table of predictions: the columns must be clip, fold, anger")


def test_a_row_of_other_length(record):
    (found,) = in_the_text(record, lambda text: text + "x,0,1.0\n")
    assert "line 27 has 3 columns" in found


def test_more_decimals_than_are_kept(record):
    found = in_the_text(record, lambda text: re.sub(r"(0\.\d{4}),", r"\g<1>01,", text, count=1))
    assert any("its probabilities are not rounded to 4 decimals" in problem for problem in found), found


def test_predictions_that_are_cut_short(record):
    place = record_files.predictions_place(record)
    place.write_bytes(place.read_bytes()[:-20])
    assert problems(record) == [
        f"{place}: cannot be read: Compressed file ended before the end-of-stream marker was reached"
    ]


def test_predictions_that_unpack_to_too_much(record):
    place = record_files.predictions_place(record)
    place.write_bytes(gzip.compress(bytes(2 * bounds.LARGEST)))
    assert problems(record) == [f"{place}: larger than 8 MiB; a record is never so large."]


def test_a_huge_record(record):
    with record.open("ab") as file:
        file.truncate(1 << 40)  # of holes: none of it is read
    assert problems(record) == [f"{record}: larger than 8 MiB; a record is never so large."]


@pytest.mark.parametrize("text", ["[" * 10_000, '{"a":' * 10_000, '{"schema": 1, "key": ' + "[" * 10_000])
def test_a_record_nested_too_deep(record, text):
    record.write_text(text)
    (found,) = problems(record)
    assert re.search(r"not a record: it is nested 1000[01] deep; 40 is the most that is read", found)


LINKED = {
    "record": lambda record: record,
    "predictions": record_files.predictions_place,
    "model": lambda record: record.parent,
    "protocol": lambda record: record.parents[1],
    "board": lambda record: record.parents[2],
}


@pytest.mark.parametrize("what", LINKED)
def test_a_link_is_refused_and_not_followed(record, results, tmp_path, what, capsys):
    link = LINKED[what](record)
    link.rename(tmp_path / "elsewhere")
    link.symlink_to(tmp_path / "elsewhere")
    assert problems(record) == [f"{link} is a symbolic link; a submission holds plain files and folders"]
    assert main(["verify", "--results", str(results)]) == 2
    assert f"{link} is a symbolic link" in capsys.readouterr().out


def test_a_link_to_nowhere_or_a_pipe_is_refused(record, capsys):
    record.with_name("seed-7.json").symlink_to("/nowhere")
    os.mkfifo(record.with_name("seed-8.json"))
    assert main(["verify", "--results", str(record.parents[3])]) == 2
    shown = capsys.readouterr().out
    assert "seed-7.json is a symbolic link" in shown
    assert "seed-8.json is no plain file" in shown


def second_seed(record):
    """Seed 1 beside seed 0, with the same predictions and its winners, as if it had refitted them."""
    change(record, "budget", "epochs", 40)
    change(record, "key", "budget", "epochs", 40)
    for fold in (0, 1):
        change(record, "folds", fold, "epochs", 7)
        change(record, "folds", fold, "trials", 0, "epochs", [7])
    other = searched_again(record)
    for fold in (0, 1):
        change(other, "folds", fold, "trials", [])
    return other


def searched_again(record):
    """Seed 1 beside seed 0, with the same search and predictions."""
    other = record.with_name("seed-1.json")
    shutil.copy(record, other)
    shutil.copy(record_files.predictions_place(record), record_files.predictions_place(other))
    change(other, "seed", 1)
    change(other, "key", "seed", 1)
    return other


def test_a_second_seed_holds(record):
    assert problems(second_seed(record)) == []


def test_a_model_without_epochs_searches_anew_with_each_seed(record):
    other = searched_again(record)
    record.unlink()  # each stands by itself
    assert problems(other) == []
    change(other, "folds", 1, "trials", [])
    assert problems(other) == [
        "fold 1: it lists 0 trials, but its budget is 1",
        "fold 1: none of its trials is complete",
    ]


def test_an_epoch_that_its_curve_does_not_choose(record):
    second_seed(record)
    change(record, "folds", 0, "pooled", [0.1, 0.2, None, 0.2, 0.1, 0.3, 0.5, 0.5, 0.5])
    assert problems(record) == []
    change(record, "folds", 0, "pooled", 6, 0.1)
    change(record, "folds", 0, "pooled", 1, 0.9)
    assert problems(record) == ["fold 0: its epochs are not those that its pooled curve chooses"]


def test_inner_folds_share_an_epoch(record):
    second_seed(record)
    change(record, "folds", 1, "trials", 0, "epochs", [7, 7, 30])
    assert problems(record) == ["fold 1: the inner folds of a trial do not share an epoch"]
    change(record, "folds", 1, "epochs", 30)
    assert "fold 1: its parameters or epochs are not those of its best trial" in problems(record)


def test_an_inner_uar_that_no_trial_has(record):
    change(record, "folds", 1, "inner_uar", 0.99)
    assert problems(record) == ["fold 1: its inner UAR is not its best trial's"]


TRIAL = {"params": {}, "state": "failed", "uar": None, "cross_entropy": None, "epochs": None}
SECOND = {
    "parameters": (("folds", 0, "params", "C", more), "fold 0: its parameters, epochs or temperature are"),
    "a temperature": (("folds", 1, "temperature", 1.5), "fold 1: its parameters, epochs or temperature are"),
    "other defaults": (("key", "defaults", "C", more), "its key is not seed 0's: defaults: "),
    "trials": (
        ("folds", 0, "trials", [TRIAL]),
        "fold 0: seed 1 lists trials, but refits the winners of seed 0, which have epochs",
    ),
    "an inner UAR": (("folds", 1, "inner_uar", 0.99), "fold 1: its inner UAR is not seed 0's"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SECOND)
def test_what_is_doctored_in_a_second_seed_is_named(record, kind):
    steps, message = SECOND[kind]
    other = second_seed(record)
    change(other, *steps)
    assert any(problem.startswith(message) for problem in problems(other))


def test_a_second_seed_without_the_first(record):
    other = second_seed(record)
    record.unlink()
    assert problems(other) == ["seed 1 refits seed 0's winners, but no readable seed-0.json lies beside it"]


def test_two_seeds_with_the_same_predictions_are_noted(record, results, capsys):
    other = second_seed(record)
    for path in (record, other):
        change(path, "model", "deterministic", False)  # which the installed model is
    assert main(["verify", "--results", str(results)]) == 2
    shown = capsys.readouterr().out
    assert "notes, for a reviewer to judge:" in shown
    assert f"{other}: the same predictions as {record}, though its seed should make a difference" in shown


def test_no_predictions(record):
    record_files.predictions_place(record).unlink()
    assert problems(record) == [
        f"{record_files.predictions_place(record)}: cannot be read: No such file or directory"
    ]


def test_verify_says_that_good_records_hold(good, capsys):
    assert main(["verify", "--results", str(good)]) == 0
    assert capsys.readouterr().out == (
        f"recomputed     {good / PLACE}\n1 record: 1 recomputed\n  recomputed  {MEANING['recomputed']}\n"
    )
    assert "not checked: whether the model makes these predictions" in MEANING["recomputed"]


def test_verify_gives_one_json_document(record, results, capsys):
    change(record, "scores", "uar", nudge)
    assert main(["verify", "--json", "--results", str(results)]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["states"] == {"invalid": 1}
    (entry,) = found["records"].values()
    assert len(entry["problems"]) == 1
    assert (entry["state"], entry["verification"]) == ("invalid", None)


def test_what_a_terminal_would_obey_is_not_printed(record, capsys):
    change(record, "model", "version", "\x1b[2J")
    assert main(["verify", str(record)]) == 2
    assert "\x1b" not in capsys.readouterr().out


def test_verify_without_records(tmp_path, capsys):
    assert main(["verify", "--results", str(tmp_path)]) == 2
    assert f"error: {tmp_path}: holds no records." in capsys.readouterr().err
