"""What is predicted for one file by itself, with a model and a card of the test's own."""

from types import SimpleNamespace

import numpy as np
import pytest
import soundfile

from benchmark.execution import prediction
from benchmark.execution.prediction import Asked
from benchmark.execution.time_course import Windows
from benchmark.models import plugins
from protocols.contract import ClipBatch, Features
from protocols.errors import PluginError, WeightsError

CARD = SimpleNamespace(
    labels=["anger", "joy"],
    temperature=1.0,
    seconds=(1.2, 8.0),
    familiar=None,
    model=SimpleNamespace(name="stub", enrolment=""),
)
WAVE = Features(front_end="wave", seconds=3.0)


class Model:
    """Finds joy, and notes how many clips each call had, and which clips of the speaker."""

    def __init__(self):
        self.calls, self.enrolments = [], []

    def predict_proba(self, clips):
        self.calls.append(len(clips))
        self.enrolments.append(clips.enrolment)
        return np.tile([0.25, 0.75], (len(clips), 1))


@pytest.fixture
def file(tmp_path):
    """Writes noise of so many seconds; gives the path."""

    def write(seconds, *, scale=0.1, rate=16_000):
        path = tmp_path / f"{seconds}.wav"
        soundfile.write(path, np.random.default_rng(0).normal(scale=scale, size=round(rate * seconds)), rate)
        return path

    return write


def of(path, *, model=None, card=CARD, features=(WAVE,)):
    return Asked(model or Model(), card, features).about_file(path)


def test_a_clip_like_those_of_the_fit_has_no_notes(file):
    found = of(file(2))
    assert (found.label, found.probabilities) == ("joy", {"anger": 0.25, "joy": 0.75})
    assert (found.seconds, found.seconds_used, found.notes, found.problem) == (2.0, 2.0, (), "")


@pytest.mark.parametrize(
    ("seconds", "scale", "used", "notes"),
    [
        (0.5, 0.1, 0.5, ["shorter than any training clip (1.2 s)"]),
        (2, 0, 2, ["silent"]),
        (4, 0.1, 3, ["the middle 3 s only"]),
        (9, 0, 3, ["silent", "longer than any training clip (8.0 s)", "the middle 3 s only"]),
        (1.2, 0.1, 1.2, []),
        (8, 0.1, 3, ["the middle 3 s only"]),
        (3, 0.1, 3, []),
    ],
)
def test_what_makes_a_prediction_doubtful(file, seconds, scale, used, notes):
    found = of(file(seconds, scale=scale))
    assert (found.seconds, found.seconds_used, list(found.notes)) == (seconds, used, notes)
    assert found.label == "joy"


def test_a_front_end_that_takes_a_part_of_its_own():
    """As zcr-mfcc does, without its libraries."""
    asked = Asked(Model(), CARD, (WAVE,))
    assert list(asked._lengths(4.0, 2.5)) == ["2.5 s of it only"]
    by_window = Asked(Model(), CARD, (WAVE,), windows=Windows(seconds=4, hop=1))
    assert list(by_window._lengths(4.0, 2.5)) == ["2.5 s of each window only"]


def test_what_a_front_end_doubts_is_a_note(file):
    assert (
        "egemaps: a value is not finite and counts as 0"
        in of(file(0.01), features=(Features(front_end="egemaps"),)).notes
    )


def test_a_card_of_before_says_nothing_about_lengths(file):
    card = SimpleNamespace(**{**vars(CARD), "seconds": None})
    assert of(file(0.5), card=card).notes == ()
    assert of(file(20), card=card, features=(Features(front_end="wave"),)).notes == ()


def test_a_model_with_clips_of_the_speaker_is_given_all_that_are_named_but_the_file_itself(file):
    features, paths = plugins.load("mfcc-logreg@5").features, [file(1), file(2), file(3)]
    model = Model()
    asked = Asked(model, CARD, features, speaker=prediction._speaker(paths, features))
    for path in (paths[0], file(4)):
        asked.about_file(path)
    [own, other] = model.enrolments
    assert [len(own[0]), len(other[0])] == [2, 3]
    np.testing.assert_array_equal(own[0][1], other[0][2])
    assert own[0][0].shape == (1, 160)


def test_the_microphone_comes_after_the_files(file, monkeypatch):
    card = SimpleNamespace(**vars(CARD), params={"C": 1.0})
    monkeypatch.setattr(prediction.model_store, "load", lambda *_: (card, Model()))
    monkeypatch.setattr(prediction.microphone, "record", lambda seconds: np.ones(round(seconds * 16_000)))
    steps = []
    ask = {"corpus": "savee", "seconds": 1.5, "windows": Windows(seconds=1, hop=1)}
    _, found = prediction.predict("mfcc-logreg", [file(2)], **ask, progress=lambda *step: steps.append(step))
    assert [(each.file.name, each.seconds, len(each.course)) for each in found] == [
        ("2.wav", 2, 2), ("microphone", 1.5, 2)
    ]  # fmt: skip
    assert steps == [(1, 1)]


@pytest.mark.parametrize(
    ("model", "files", "message"),
    [
        (
            "mfcc-logreg@5",
            [],
            "mfcc-logreg@5 is given other clips of the speaker. Name some with --enrolment",
        ),
        (
            "mfcc-logreg",
            ["a.wav"],
            "mfcc-logreg takes no --enrolment; one that does is called NAME@K, such as",
        ),
    ],
)
def test_clips_of_the_speaker_go_with_a_model_that_takes_them(model, files, message):
    with pytest.raises(PluginError, match=message):
        prediction.predict(model, [], corpus="savee", enrolment=files)


def test_what_would_be_given_clips_of_the_speaker_does_not_go_without():
    card = SimpleNamespace(model=SimpleNamespace(name="a@5", enrolment="5"))
    with pytest.raises(
        WeightsError, match=r"a@5 is given other clips of the speaker: `ClipBatch\.enrolment`"
    ):
        prediction.probabilities(Model(), card, ClipBatch([np.zeros((1, 1))]))


def test_a_file_that_cannot_be_read_has_a_problem(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    (tmp_path / "a.wav").write_bytes(b"\0\0\0\x1cftypM4A ")
    found = of(tmp_path / "a.wav")
    assert found.problem == (
        "is m4a, which is not read here. Convert it: ffmpeg -i in.m4a out.wav; or install ffmpeg, and it is "
        "read as it is."
    )
    assert (found.label, found.probabilities, found.seconds) == ("", {}, 0)


def test_a_model_that_fails_on_a_file_is_that_file_s_problem(file):
    class Fails(Model):
        def predict_proba(self, clips):
            if clips.lengths[0] < 16_000:
                raise RuntimeError("no such kernel")
            return np.full((1, 2), np.nan)

    found = of(file(0.5), model=Fails())
    assert found.problem == "stub fails on it: RuntimeError: no such kernel"
    assert (found.label, found.seconds) == ("", 0.5)
    assert of(file(2), model=Fails()).problem == "stub fails on it: what it gives are no probabilities."
