"""Pitch and other contours of made-up voices, against what is known of them."""

import itertools

import numpy as np
import pytest
import soxr
from voices import RATE, noise, seconds, voice

from benchmark.features import contours, f0


def found(wave, speed=1.0):
    return contours.contours(wave, speed)


@pytest.mark.filterwarnings("ignore:Empty filters")
@pytest.mark.parametrize("speed", [0.8, 1.0, 1.25])
def test_mel_filters_are_librosas_bit_for_bit(speed):
    from benchmark.audio.librosa_import import librosa

    how = contours.analysis(speed)
    theirs = librosa.filters.mel(
        sr=how.rate, n_fft=how.n_fft, n_mels=64, fmin=60, fmax=7600, htk=True, norm=1
    )  # (64, bins)
    np.testing.assert_array_equal(contours._bank(how), theirs.T[: len(how.hertz)])


@pytest.mark.parametrize("hertz", [70, 80, 110, 155, 220, 330, 440, 500])
def test_a_voice_has_its_pitch_and_not_an_octave_of_it(hertz):
    pitch = found(voice(hertz)).hertz[3:-3]
    np.testing.assert_allclose(pitch, hertz, rtol=0.003)


def test_pitch_follows_a_glide():
    hertz = np.geomspace(120, 300, 2 * RATE)
    pitch = found(voice(hertz)).hertz
    np.testing.assert_allclose(pitch[5:-5], hertz[:: RATE // 100][5 : len(pitch) - 5], rtol=0.01)


def test_white_noise_and_silence_are_unvoiced():
    assert not found(noise()).hertz.any()
    assert not found(np.zeros(RATE, np.float32)).hertz.any()


def test_voiced_is_what_is_voiced():
    """A second of voice, half a second of noise 20 dB below, a second of voice."""
    wave = np.concatenate([voice(150, 1.0), 0.1 * noise(0.5), voice(220, 1.0)])
    voiced = found(wave).hertz > 0
    assert voiced[5:95].all()
    assert not voiced[105:145].any()
    assert voiced[155:245].all()


def test_a_tone_in_noise_as_loud_correlates_by_half():
    """So harmonics and noise are as strong as each other: 0 dB."""
    wave = voice(200)
    mixed = wave + noise() * wave.std() / noise().std()
    assert np.median(found(mixed).voice["hnr"]) == pytest.approx(0, abs=1)


def test_the_best_path_is_the_best_of_all():
    """By trying all of them."""
    rng = np.random.default_rng(0)
    n, k = 4, f0.CANDIDATES
    octaves, strength, unvoiced = rng.uniform(6, 9, (n, k)), rng.uniform(0, 1, (n, k)), rng.uniform(0, 1, n)

    def worth(path):
        total = sum(unvoiced[i] if c == k else strength[i, c] for i, c in enumerate(path))
        for i, (a, b) in enumerate(itertools.pairwise(path)):
            if k in (a, b):
                total -= f0.SWITCH * (a != b)
            else:
                total -= f0.JUMP * abs(octaves[i, a] - octaves[i + 1, b])
        return total

    every = np.stack(np.meshgrid(*[range(k + 1)] * n), axis=-1).reshape(-1, n)
    best = max(every.tolist(), key=worth)
    assert f0._path(octaves, strength, unvoiced).tolist() == best


def test_level_follows_what_is_made_louder_whatever_the_gain():
    decibel = 6 * np.sin(2 * np.pi * seconds(2.0))
    wave = voice(200, decibel=decibel)
    level = found(wave).table["level"]
    expected = decibel[:: RATE // 100]
    np.testing.assert_allclose(np.diff(level)[5:-5], np.diff(expected)[5 : len(level) - 6], atol=0.1)
    for name, contour in found(0.01 * wave).table.items():
        np.testing.assert_allclose(contour, found(wave).table[name], atol=0.02, err_msg=name)


def test_silence_at_the_ends_is_cut_off():
    wave = voice(200, 1.0)
    padded = np.pad(wave, RATE // 2)
    assert len(found(padded).hertz) == pytest.approx(len(found(wave).hertz), abs=5)


def test_the_balance_of_two_sines_is_theirs():
    """One of 500 Hz, another of 2500 Hz 20 dB below."""
    t = seconds(1.0)
    table = found((np.sin(2 * np.pi * 500 * t) + 0.1 * np.sin(2 * np.pi * 2500 * t)).astype(np.float32)).table
    inner = slice(5, -5)
    np.testing.assert_allclose(table["alpha"][inner], -20, atol=0.2)
    np.testing.assert_allclose(table["hammarberg"][inner], 20, atol=0.2)
    np.testing.assert_allclose(table["centroid"][inner], (0.5 + 0.01 * 2.5) / 1.01, atol=0.01)
    np.testing.assert_allclose(table["zero_crossings"][inner], 2 * 500 / RATE, rtol=0.05)
    np.testing.assert_allclose(table["rolloff90"][inner], 0.5, atol=0.05)


def test_harmonics_are_as_far_apart_as_they_were_made():
    """The k-th one is 1 / k: the second lies 6 dB below the first."""
    np.testing.assert_allclose(found(voice(312.5)).voice["h1_h2"][5:-5], 6.02, atol=0.3)


@pytest.mark.parametrize("speed", [0.8, 1.25])
def test_a_speed_is_what_a_resampled_clip_gives(speed):
    """But for what lies beyond the filter of whoever resamples."""
    wave = voice(np.geomspace(150, 250, 2 * RATE), decibel=6 * np.sin(8 * seconds(2.0))) + 0.01 * noise()
    ours, theirs = found(wave, speed), found(soxr.resample(wave, speed * RATE, RATE, quality="HQ"))
    n = min(len(ours.hertz), len(theirs.hertz))
    assert n == pytest.approx(201 / speed, abs=3)
    np.testing.assert_allclose(ours.hertz[5 : n - 5], theirs.hertz[5 : n - 5], rtol=0.01)
    np.testing.assert_allclose(ours.hertz[n // 2], speed * np.sqrt(150 * 250), rtol=0.02)
    np.testing.assert_allclose(ours.table["level"][5 : n - 5], theirs.table["level"][5 : n - 5], atol=0.5)


def test_slopes_are_those_of_a_straight_line():
    line = np.outer(np.arange(20.0), [1, -2])
    np.testing.assert_allclose(contours.delta(line)[2:-2], [[1, -2]] * 16)
    np.testing.assert_allclose(contours.slope(line), [1, -2])
