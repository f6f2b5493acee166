"""What `predict` shows and returns, whatever the model: test_predict.py has a fitted one."""

import dataclasses
import json
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.execution import prediction
from benchmark.execution.prediction import Prediction
from benchmark.execution.time_course import Window, Windows

DONE, WRONG, PARTIAL = 0, 2, 3
CARD = SimpleNamespace(
    model=SimpleNamespace(name="stub", version="1"),
    corpora=[SimpleNamespace(name="savee")],
    protocol=SimpleNamespace(name="savee-loso"),
    board="derived",
    uar=0.5,
    key={"budget": {"trials": 20}},
    warning="Nobody has measured it.",
    labels=["anger", "joy"],
)
GOOD = Prediction(
    file=Path("good.wav"), label="joy", probabilities={"anger": 0.25, "joy": 0.75}, seconds=9.1,
    seconds_used=3.0, notes=("longer than any training clip (7.1 s)", "the middle 3 s only"),
)  # fmt: skip
BAD = Prediction(file=Path("bad [red].m4a"), problem="is m4a, which is not read here.")


COURSE = (
    Window(start=0.0, end=3.0, label="joy", probabilities={"anger": 0.1, "joy": 0.9}),
    Window(start=1.0, end=4.0, label="anger", probabilities={"anger": 0.6, "joy": 0.4}, notes=("silent",)),
)
LONG = dataclasses.replace(GOOD, file=Path("long.wav"), notes=(), course=COURSE)
BY_WINDOWS = ("--windows", 3, "--hop", 1)


@pytest.fixture
def predicted(call, monkeypatch):
    """Runs the verb where the model has predicted so."""

    def run(*found, how=()):
        monkeypatch.setattr(prediction, "predict", lambda *_, **__: (CARD, list(found)))
        return call("predict", "--model", "stub", "--corpus", "savee", *(each.file for each in found), *how)

    return run


@pytest.mark.parametrize("how", [(), ("--json",)])
@pytest.mark.parametrize(("found", "code"), [((GOOD,), DONE), ((BAD, GOOD), PARTIAL), ((BAD, BAD), WRONG)])
def test_good_files_are_answered_and_bad_ones_are_named(predicted, found, code, how):
    returned, out, err = predicted(*found, how=how)
    assert returned == code
    assert ("error: bad [red].m4a: is m4a, which is not read here." in err) is (BAD in found)
    assert ("joy" in out) is (GOOD in found or bool(how))


def test_json_has_all_of_a_prediction(predicted):
    files = json.loads(predicted(GOOD, BAD, how=("--json",))[1])["files"]
    assert files[0] == {
        "file": "good.wav",
        "label": "joy",
        "probabilities": {"anger": 0.25, "joy": 0.75},
        "seconds": 9.1,
        "seconds_used": 3.0,
        "notes": ["longer than any training clip (7.1 s)", "the middle 3 s only"],
        "problem": None,
    }
    assert (files[1]["label"], files[1]["problem"]) == (None, "is m4a, which is not read here.")


def test_the_table_has_a_note_a_line(predicted):
    lines = predicted(GOOD)[1].splitlines()
    for words in ("joy 0.75, anger 0.25", "9.10", "3.00", "longer than any training clip (7.1 s)"):
        assert any(words in line for line in lines)
    assert any("the middle 3 s only" in line and "longer" not in line for line in lines)


def test_bad_files_are_at_the_end_and_counted(predicted):
    lines = predicted(BAD, GOOD, BAD)[2].splitlines()
    assert [line[:5] for line in lines[-3:]] == ["error", "error", "2 of "]
    assert lines[-1] == "2 of 3 files have no prediction."
    assert "have no prediction" not in predicted(BAD)[2]


def test_a_time_course_is_a_row_a_window(predicted):
    lines = predicted(LONG, how=BY_WINDOWS)[1].splitlines()
    assert any(line.startswith("long.wav") for line in lines)
    rows = [line.replace("│", " ").split() for line in lines]
    assert ["0.00", "3.00", "joy", "joy", "0.90,", "anger", "0.10"] in rows
    assert ["1.00", "4.00", "anger", "anger", "0.60,", "joy", "0.40", "silent"] in rows


def test_json_has_the_time_course(predicted):
    [document] = json.loads(predicted(LONG, how=(*BY_WINDOWS, "--json"))[1])["files"]
    assert document["windows"][1] == {
        "start": 1.0,
        "end": 4.0,
        "label": "anger",
        "probabilities": {"anger": 0.6, "joy": 0.4},
        "notes": ["silent"],
    }


@pytest.mark.parametrize(
    ("how", "cut"),
    [((), None), (("--windows", 3), Windows(seconds=3, hop=1.5)), (BY_WINDOWS, Windows(seconds=3, hop=1))],
)
def test_windows_overlap_by_half_unless_a_hop_is_named(call, monkeypatch, how, cut):
    asked = {}
    monkeypatch.setattr(prediction, "predict", lambda *_, **more: (CARD, asked.update(more) or [GOOD]))
    assert (
        call("predict", "--model", "stub", "--corpus", "savee", "good.wav", "--microphone", 2, *how)[0]
        == DONE
    )
    assert (asked["windows"], asked["seconds"]) == (cut, 2)


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_a_picture_is_the_same_each_time(predicted, tmp_path, suffix):
    pytest.importorskip("matplotlib")
    path, again = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    for picture in (path, again):
        code, _, err = predicted(LONG, how=(*BY_WINDOWS, "--picture", picture))
        assert code == DONE
        assert f"the picture: {picture}" in err
    assert path.read_bytes() == again.read_bytes()
    if suffix == "svg":
        for words in ("long.wav: stub, fitted on savee", "anger", "joy"):
            assert f"<!-- {words} -->" in path.read_text()


def test_a_picture_of_one_window(predicted, tmp_path):
    pytest.importorskip("matplotlib")
    one = dataclasses.replace(LONG, course=COURSE[:1])
    assert predicted(one, how=(*BY_WINDOWS, "--picture", tmp_path / "a.png"))[0] == DONE


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (("a.wav", "--hop", 1), "--hop goes with --windows"),
        (("a.wav", "--picture", "a.png"), "--picture goes with --windows"),
        (("a.wav", "--windows", 3, "--picture", "a.gif"), "name a file that ends in .pdf, .svg, .png"),
        (("a.wav", "--windows", 0), "'0' is not a number of seconds above 0"),
        (("a.wav", "--windows", "x"), "'x' is not a number of seconds above 0"),
        (("a.wav", "--windows", "inf"), "'inf' is not a number of seconds above 0"),
        (("a.wav", "--windows", 0.01), "are seconds, at least 0.1 each"),
        ((), "predict: name a FILE or a FOLDER, or --microphone SECONDS"),
        (("a.wav", "--corpus", "savee,emodb"), "'savee,emodb' are 2 names; give one"),
    ],
)
def test_a_wrong_request_is_named_before_the_work(call, here, how, words):
    code, out, err = call("predict", "--model", "mfcc-logreg", "--corpus", "savee", *how)
    assert (code, out) == (WRONG, "")
    assert words in err
    assert not list(here.iterdir())


def test_a_picture_is_of_one_recording(predicted, tmp_path):
    pytest.importorskip("matplotlib")
    how = (*BY_WINDOWS, "--picture", tmp_path / "a.png")
    code, _, err = predicted(LONG, LONG, BAD, how=how)
    assert code == WRONG
    assert "--picture draws one recording, and 2 have a prediction" in err
    assert "1 of 3 files have no prediction" in err
    assert predicted(LONG, BAD, how=how)[0] == PARTIAL
    assert predicted(BAD, how=how)[0] == WRONG


def test_a_picture_without_matplotlib(predicted, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    code, _, err = predicted(LONG, how=(*BY_WINDOWS, "--picture", tmp_path / "a.png"))
    assert code == WRONG
    assert "a picture needs matplotlib: pip install 'unheard[plots]'" in err
