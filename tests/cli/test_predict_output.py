"""What `predict` shows and returns, whatever the model: test_predict.py has a fitted one."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchmark.execution import prediction
from benchmark.execution.prediction import Prediction

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
