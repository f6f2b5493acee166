import numpy as np
import pytest

from benchmark.audio import level


@pytest.fixture
def speech():
    """Something whose level changes: (samples,)."""
    rng = np.random.default_rng(0)
    envelope = np.repeat(rng.uniform(0.05, 1, 40), 200)
    return (0.5 * envelope * rng.uniform(-1, 1, 8000)).astype(np.float32)


def sixteen_bits(sound):
    return np.rint(sound * 32768).clip(-32768, 32767) / 32768


def test_silence_is_what_stays_below_60_db():
    tone = np.sin(np.arange(1600))
    assert level.silent(np.zeros(100))
    assert level.silent(0.0009 * tone)
    assert not level.silent(0.0011 * tone)
    assert not level.silent(-0.0011 * np.ones(1))


@pytest.mark.parametrize("gain", [0.02, 0.1, 0.5, 0.9, 1.6, -0.7])
def test_a_copy_at_another_level_has_the_contour_of_the_original(speech, gain):
    assert level.alike(level.contour(speech), level.contour(sixteen_bits(gain * speech)))


def test_the_contour_is_decibels_below_the_loudest_part():
    loud, soft = np.ones(16 * 50), np.full(16 * 50, 10 ** (-7 / 20))
    assert level.contour(np.concatenate([loud, soft])) == "A" * 16 + "H" * 16
    assert level.contour(np.concatenate([loud, 0 * soft])) == "A" * 16 + chr(ord("A") + level.FLOOR) * 16


def test_other_clips_are_not_alike(speech):
    one = level.contour(speech)
    assert not level.alike(one, level.contour(speech[::-1]))
    assert not level.alike(one, level.contour(np.roll(speech, 400)))
    changed = speech.copy()
    changed[:250] *= 2
    assert not level.alike(one, level.contour(changed))


def test_silence_and_what_is_too_short_to_tell_are_like_nothing():
    assert level.contour(np.zeros(8000)) == level.contour(np.ones(31)) == ""
    assert not level.alike("", "")
    assert not level.alike("A", "")
