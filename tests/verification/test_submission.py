"""A submission is read once, and gives the clips and folds that its checks go by."""

import gzip
import hashlib
import os
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import made_up
import msgspec
import numpy as np
import pytest
from honest import problems

from benchmark.cli.main import main
from benchmark.records import prediction_table, record_files
from benchmark.records.prediction_table import Predictions
from benchmark.verification import judgement, submission
from benchmark.verification.submission import Submission, Unreadable
from protocols import corpora, folds
from protocols.folds import Fold
from protocols.population import Population
from protocols.selection import Selection

SAVEE = corpora.load("savee")


def put(folder, seed=0, **changes):
    """A made-up record on SAVEE in its place, with predictions of the clips of two speakers."""
    made = msgspec.structs.replace(made_up.record("savee-loso", "logreg", seed=seed), **changes)
    rows = [row for row in SAVEE.manifest if row.speaker in ("DC", "JE")]
    table = Predictions(
        [row.clip for row in rows], np.zeros(len(rows), dtype=int), np.full((len(rows), 7), 1 / 7).round(4)
    )
    digest = hashlib.sha256(prediction_table.encode(table, made.labels)).hexdigest()
    path = record_files.place(folder, "derived", "savee-loso", "logreg", seed)
    record_files.write(path, msgspec.structs.replace(made, predictions=digest), table)
    return path


def test_what_is_read_is_the_record_its_predictions_and_its_protocol(tmp_path):
    path = put(tmp_path)
    found = submission.read(path)
    assert isinstance(found, Submission)
    assert found.record == record_files.read(path)
    assert found.file == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.digest == found.record.predictions
    assert found.protocol == folds.load("savee-loso")
    assert found.population.labels == SAVEE.labels
    assert len(found.predictions.clips) == 240
    assert found.leader is None


def test_each_file_is_opened_once(tmp_path, monkeypatch):
    path = put(tmp_path)
    opened, path_open, gzip_open = Counter(), Path.open, gzip.open

    def counted(real):
        def open_(file, *rest, **more):
            opened[Path(file).name] += 1
            return real(file, *rest, **more)

        return open_

    monkeypatch.setattr(Path, "open", counted(path_open))
    monkeypatch.setattr(gzip, "open", counted(gzip_open))
    judgement.notes([judgement.judge(path)])
    assert {name: opened[name] for name in ("seed-0.json", "seed-0.csv.gz")} == {
        "seed-0.json": 1,
        "seed-0.csv.gz": 1,
    }


def test_the_leader_is_seed_0s_record(tmp_path):
    first, second = put(tmp_path), put(tmp_path, seed=1)
    assert submission.read(second).leader == record_files.read(first)
    first.unlink()
    assert submission.read(second).leader is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": made_up.record("toy", "../x").model}, "its model is called '../x'"),
        ({"model": made_up.record("toy", "x/../y").model}, "its model is called 'x/../y'"),
        ({"model": made_up.record("toy", "x\n").model}, r"its model is called 'x\n'"),
        ({"protocol": made_up.record("toy").protocol}, "there is no 'toy'"),
        ({"labels": ["anger", "joy"]}, ""),
    ],
)
def test_what_cannot_be_checked_keeps_its_record(tmp_path, changes, message):
    path = put(tmp_path)
    record = msgspec.structs.replace(record_files.read(path), **changes)
    path.write_bytes(record_files.encode(record))
    found = submission.read(path)
    assert isinstance(found, Unreadable) == bool(message)
    assert found.record == record
    assert found.file == hashlib.sha256(path.read_bytes()).hexdigest()
    if message:
        assert [problem for problem in found.problems if message in problem]


def test_a_record_that_cannot_be_read_has_none(tmp_path):
    path = tmp_path / "seed-0.json"
    assert submission.read(path).problems == [f"{path}: cannot be read: No such file or directory"]
    path.write_text("{}")
    found = submission.read(path)
    assert (found.record, found.file) == (None, "")


def test_clips_that_a_copy_lacks_are_not_held_and_not_tested(tmp_path):
    path = put(tmp_path)
    lacking = SAVEE.manifest[0].clip
    whole = submission.read(path)
    facts = msgspec.structs.replace(whole.record.corpora[0], missing=[lacking])
    budget = msgspec.structs.replace(whole.record.budget, folds=[0, 1, 99])
    less = replace(whole, record=msgspec.structs.replace(whole.record, corpora=[facts], budget=budget))
    assert len(whole.held) - 1 == len(less.held) == 479
    assert less.folds_run == [0, 1]
    assert lacking not in less.test_folds
    assert set(less.test_folds) < set(whole.test_folds)
    assert {row.speaker for row in less.held if row.clip in less.test_folds} == {
        speaker for fold in (0, 1) for speaker in less.test_speakers(fold)
    }


def test_a_fold_may_select_by_more_than_speakers(tmp_path):
    found = submission.read(put(tmp_path))
    clips = tuple(row.clip for row in SAVEE.manifest[:3])
    other = replace(found.protocol, folds=(Fold(Selection(clips=clips), ()),))
    found = replace(found, protocol=other)
    assert found.test_folds == dict.fromkeys(clips, 0)
    assert found.test_speakers(0) == {SAVEE.manifest[0].speaker}


def test_clips_of_several_corpora_have_their_corpus_in_their_name(tmp_path):
    found = submission.read(put(tmp_path))
    ours, other = found.record.corpora[0], SAVEE.manifest[5].clip
    theirs = msgspec.structs.replace(ours, name="emodb", missing=[corpora.load("emodb").manifest[0].clip])
    both = Population((SAVEE, corpora.load("emodb")), dict.fromkeys(("anger", "sadness"), "negative"))
    copies = [msgspec.structs.replace(ours, missing=[other]), theirs]
    found = replace(found, population=both, record=msgspec.structs.replace(found.record, corpora=copies))
    names = {row.clip for row in found.held}
    assert names < set(both.by_clip)
    assert f"savee/{other}" not in names
    assert {row.emotion for row in found.held} == {"negative"}


def test_a_record_that_names_no_corpus_is_refused(tmp_path):
    found = submission.read(put(tmp_path, corpora=[]))
    assert isinstance(found, Unreadable)
    assert found.problems == ["it names no corpus"]


def test_a_huge_record(drawn):
    with drawn.open("ab") as file:
        file.truncate(1 << 40)  # of holes: none of it is read
    assert problems(drawn) == [f"{drawn}: larger than 8 MiB; a record is never so large."]


@pytest.mark.parametrize("text", ["[" * 10_000, '{"a":' * 10_000, '{"schema": 1, "key": ' + "[" * 10_000])
def test_a_record_nested_too_deep(drawn, text):
    drawn.write_text(text)
    (found,) = problems(drawn)
    assert re.search(r"not a record: it is nested 1000[01] deep; 40 is the most that is read", found)


LINKED = {
    "record": lambda drawn: drawn,
    "predictions": record_files.predictions_place,
    "model": lambda drawn: drawn.parent,
    "protocol": lambda drawn: drawn.parents[1],
    "board": lambda drawn: drawn.parents[2],
}


@pytest.mark.parametrize("what", LINKED)
def test_a_link_is_refused_and_not_followed(drawn, tmp_path, what, capsys):
    link, results = LINKED[what](drawn), drawn.parents[3]
    link.rename(tmp_path / "elsewhere")
    link.symlink_to(tmp_path / "elsewhere")
    assert problems(drawn) == [f"{link} is a symbolic link; a submission holds plain files and folders"]
    assert main(["verify", "--results", str(results)]) == 2
    assert f"{link} is a symbolic link" in capsys.readouterr().out


def test_a_link_to_nowhere_or_a_pipe_is_refused(drawn, capsys):
    drawn.with_name("seed-7.json").symlink_to("/nowhere")
    os.mkfifo(drawn.with_name("seed-8.json"))
    assert main(["verify", "--results", str(drawn.parents[3])]) == 2
    shown = capsys.readouterr().out
    assert "seed-7.json is a symbolic link" in shown
    assert "seed-8.json is no plain file" in shown
