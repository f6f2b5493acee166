"""Windows over a recording, their average, and what makes it doubtful."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmark.execution import time_course
from benchmark.execution.prediction import Asked
from benchmark.execution.time_course import Window, Windows
from benchmark.features import familiarity
from protocols.contract import Features
from protocols.errors import UnheardError

RATE = 16_000
CARD = SimpleNamespace(
    labels=["anger", "joy"],
    temperature=1.0,
    seconds=(1.0, 8.0),
    familiar=None,
    model=SimpleNamespace(name="stub", enrolment=""),
)
WAVE = Features(front_end="wave", seconds=3.0)


class ByLevel:
    """The louder, the angrier; a window's probability depends on nothing else."""

    def predict_proba(self, clips):
        anger = np.array([min(0.9, float(np.abs(clip).mean())) for clip in clips.inputs])
        return np.stack([anger, 1 - anger], axis=1)


def predicted(levels, *, card=CARD, features=(WAVE,), **windows):
    """Of a recording with these levels, a second each."""
    sound = np.repeat(np.array(levels, np.float32), RATE)
    return Asked(ByLevel(), card, features, windows=Windows(**windows)).about(sound, "talk.wav")


@pytest.mark.parametrize(
    ("samples", "spans"),
    [
        (100, [(0, 100)]),
        (48_000, [(0, 48_000)]),
        (64_000, [(0, 48_000), (16_000, 64_000)]),
        (72_000, [(0, 48_000), (16_000, 64_000), (24_000, 72_000)]),
    ],
)
def test_windows_cover_a_recording_to_its_end(samples, spans):
    assert Windows(seconds=3, hop=1).spans(samples) == spans


@pytest.mark.parametrize(("seconds", "hop"), [(0, 1), (3, 0), (3, -1), (float("nan"), 1), (3, float("inf"))])
def test_windows_have_a_length(seconds, hop):
    with pytest.raises(UnheardError, match=r"--windows and --hop are seconds, at least 0\.1 each"):
        Windows(seconds=seconds, hop=hop)


def test_a_time_course_and_its_average():
    found = predicted([0.8, 0.8, 0.2, 0.4], seconds=1, hop=1)
    assert [(each.start, each.end, each.label) for each in found.course] == [
        (0, 1, "anger"), (1, 2, "anger"), (2, 3, "joy"), (3, 4, "joy")
    ]  # fmt: skip
    assert [each.probabilities["anger"] for each in found.course] == [0.8, 0.8, 0.2, 0.4]
    assert (found.label, found.probabilities) == ("anger", {"anger": 0.55, "joy": 0.45})
    assert (found.seconds, found.seconds_used) == (4, 1)


def test_silence_is_not_in_the_average():
    found = predicted([0.8, 0, 0.6], seconds=1, hop=1)
    assert found.probabilities["anger"] == pytest.approx(0.7)
    assert found.course[1].notes == ("silent",)
    assert "1 of 3 windows are silent, and not in the average" in found.notes
    whole = predicted([0, 0], seconds=1, hop=1)
    assert whole.notes == ("silent",)
    assert whole.probabilities["anger"] == 0


def test_many_windows_are_the_same_as_each_by_itself():
    levels = np.linspace(0.1, 0.9, time_course.TOGETHER + 3)
    found = predicted(levels, seconds=1, hop=1)
    assert [each.probabilities["anger"] for each in found.course] == pytest.approx(levels, abs=1e-4)


def test_what_is_left_out_of_windows_is_a_note():
    notes = predicted([0.5] * 9, seconds=4, hop=5).notes
    assert "the middle 3 s of each window only" in notes
    assert "1 s between windows are left out" in notes
    assert "longer than any training clip (8.0 s)" in predicted([0.5] * 9, seconds=8.5, hop=1).notes
    assert not any("longer" in note for note in predicted([0.5] * 9, seconds=2, hop=1).notes)


def test_windows_unlike_the_training_clips_are_counted():
    rng = np.random.default_rng(0)
    trained = [rng.normal(loc=0.5, scale=0.1, size=(RATE, 1)) + rng.normal(scale=0.1) for _ in range(20)]
    card = SimpleNamespace(**{**vars(CARD), "familiar": familiarity.of(trained)})
    sound = np.concatenate([*(clip[:, 0] for clip in trained[:3]), np.full(RATE, -9.0)]).astype(np.float32)
    found = Asked(ByLevel(), card, (WAVE,), windows=Windows(seconds=1, hop=1)).about(sound, "talk.wav")
    assert [each.notes for each in found.course] == [(), (), (), ("unlike every training clip",)]
    assert "1 of 4 windows are unlike every training clip" in found.notes
    alone = Asked(ByLevel(), card, (WAVE,)).about(sound[-RATE:], "clip.wav")
    assert "unlike every training clip" in alone.notes
    assert alone.course == ()


def test_the_first_of_equals_is_the_label():
    equal = Window(start=0, end=1, label="anger", probabilities={"anger": 0.5, "joy": 0.5})
    assert time_course.average([equal, equal]) == {"anger": 0.5, "joy": 0.5}
