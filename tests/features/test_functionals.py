"""The front end `functionals` on made-up voices whose pitch, jitter, modulation and level are known."""

import math
from functools import cache

import numpy as np
import pytest
from scipy import stats
from voices import RATE, noise, seconds, voice

from benchmark.features import contours, front_ends
from benchmark.features.front_ends import functionals
from protocols.contract import Features
from protocols.errors import PluginError

FUNCTIONALS = Features(front_end="functionals")
THREE = Features(front_end="functionals", options={"speeds": "1 0.8 1.25"})


def named(wave):
    """Functional by name."""
    return dict(zip(functionals.names(), functionals.vector(wave), strict=True))


@cache
def vibrato(semitones, hertz=5.0):
    """200 Hz, up and down by so much so many times a second."""
    return named(voice(200 * 2 ** (semitones / 12 * np.sin(2 * np.pi * hertz * seconds(2.0)))))


@cache
def tremolo(decibel, hertz=4.0):
    return named(voice(200, decibel=decibel * np.sin(2 * np.pi * hertz * seconds(2.0))))


def test_every_number_has_a_name_of_its_own():
    names = functionals.names()
    assert len(names) == len(set(names)) == 3535
    assert front_ends.compute(FUNCTIONALS, voice(200)).shape == (1, 3535)
    assert (
        len({name.split()[0] for name in names if name.endswith(" kurtosis") and "'" not in name}) == 58 + 5
    )


@pytest.mark.parametrize("hertz", [100, 140, 280])
def test_pitch_is_in_semitones_above_100_hz(hertz):
    values = named(voice(hertz))
    assert values["pitch mean"] == pytest.approx(12 * np.log2(hertz / 100), abs=0.02)
    assert values["pitch std"] < 0.05
    assert values["jitter"] < 0.01
    assert values["voiced"] > 0.98


@pytest.mark.parametrize("semitones", [0.5, 1, 2])
def test_vibrato_is_a_spread_of_pitch_and_jitter(semitones):
    """A sine's deviation is its height by the root of 2; its mean slope, 2 / pi of the steepest."""
    values = vibrato(semitones)
    steepest = semitones * 2 * np.pi * 5 * contours.HOP
    assert values["pitch std"] == pytest.approx(semitones / np.sqrt(2), rel=0.05)
    assert values["jitter"] == pytest.approx(2 / np.pi * steepest, rel=0.1)
    assert values["jitter_std"] == pytest.approx(steepest / np.sqrt(2), rel=0.1)
    assert values["shimmer"] < 0.3


@pytest.mark.parametrize("decibel", [2, 6])
def test_tremolo_is_a_spread_of_level_and_shimmer(decibel):
    values = tremolo(decibel)
    assert values["level std"] == pytest.approx(decibel / np.sqrt(2), rel=0.05)
    assert values["shimmer"] == pytest.approx(2 / np.pi * decibel * 2 * np.pi * 4 * contours.HOP, rel=0.1)
    assert values["jitter"] < 0.02
    assert values["level range"] == pytest.approx(2 * decibel, rel=0.05)


@pytest.mark.parametrize(("hertz", "rate"), [(2.3, "2 Hz"), (4.7, "5 Hz"), (8, "6 Hz"), (18, "14 Hz")])
def test_modulation_has_its_rate(hertz, rate):
    for values, contour in ((vibrato(1, hertz), "pitch"), (tremolo(6, hertz), "mfcc0")):
        shares = {
            name: np.exp(value)
            for name, value in values.items()
            if name.startswith(f"{contour} share of modulation")
        }
        assert sum(shares.values()) == pytest.approx(1)
        assert max(shares, key=shares.get) == f"{contour} share of modulation from {rate}"


def test_rhythm_of_pauses_is_theirs():
    """Half a second of voice, four times, with pauses of 300 ms between."""
    parts = [voice(200, 0.5), np.zeros(round(0.3 * RATE), np.float32)] * 4
    values = named(np.concatenate(parts[:-1]))
    n = np.exp(values["log_frames"])
    assert n == pytest.approx(290, abs=5)
    assert values["voiced_mean"] == pytest.approx(50, abs=4)
    assert values["voiced_runs"] == pytest.approx(4 / n)
    assert values["pauses"] == pytest.approx(3 / n)
    assert values["pause_mean"] == pytest.approx(30, abs=5)
    assert values["voiced"] == pytest.approx(200 / 290, abs=0.05)


def test_thirds_and_trend_of_a_glide():
    values = named(voice(np.geomspace(100, 200, 2 * RATE)))  # an octave: 12 semitones
    assert values["pitch trend"] == pytest.approx(12, rel=0.03)
    assert values["pitch curvature"] == pytest.approx(0, abs=0.5)
    assert [values[f"pitch_third{k}"] for k in (1, 2, 3)] == pytest.approx([-4, 0, 4], abs=0.15)
    assert values["pitch rising"] > 0.95


def test_what_goes_together_correlates():
    """Pitch and level, up and down together, or one up where the other goes down."""
    sway = np.sin(2 * np.pi * 3 * seconds(2.0))
    for sign in (1, -1):
        values = named(voice(200 * 2 ** (sway / 12), decibel=6 * sign * sway))
        assert sign * values["mfcc0 and pitch correlation"] > 0.9


def test_a_gain_changes_nothing():
    rng = np.random.default_rng(1)
    lively = voice(180 + 30 * np.sin(7 * seconds(2.0)), decibel=6 * np.sin(11 * seconds(2.0)))
    wave = lively + (0.003 * rng.normal(size=len(lively))).astype(np.float32)
    loud, soft = functionals.vector(wave), functionals.vector(0.01 * wave)
    np.testing.assert_allclose(loud, soft, atol=0.05)


def test_statistics_are_numpys_and_scipys():
    x = np.random.default_rng(2).gamma(2.0, size=(200, 3))
    x[:, 1] += np.linspace(0, 5, 200)
    ours = functionals.statistics(x)
    t = np.linspace(-0.5, 0.5, 200) * 199 / 200
    squares = [np.polyfit(t, column, 2, full=True)[:2] for column in x.T]
    theirs = {
        "mean": np.mean(x, axis=0),
        "std": np.std(x, axis=0),
        "skewness": stats.skew(x),
        "kurtosis": stats.kurtosis(x, fisher=False),
        "q20": np.quantile(x, 0.2, axis=0),
        "q99": np.quantile(x, 0.99, axis=0),
        "trend": [np.polyfit(t, column, 1)[0] for column in x.T],
        "curvature": [found[0] for found, _ in squares],
        "residual": [np.sqrt(left[0] / 200) for _, left in squares],
        "when_highest": np.argmax(x, axis=0) / 200,
        "rising": np.mean(np.diff(x, axis=0) > 0, axis=0),
    }
    for name, expected in theirs.items():
        np.testing.assert_allclose(ours[name], expected, rtol=1e-4, atol=1e-4, err_msg=name)


def test_peaks_of_a_wave_are_counted():
    x = np.sin(2 * np.pi * 8 * (np.arange(300) + 0.5) / 300)[:, None]
    found = functionals.statistics(x)
    assert found["peaks"] * 300 == pytest.approx(8)
    assert found["peak_height"] == pytest.approx(1, abs=0.01)
    assert found["crossings"] * 299 == pytest.approx(15)
    assert found["above_75"] == pytest.approx(1 / 3, abs=0.03)


def test_stretches_are_measured():
    assert functionals.runs(np.array([1, 1, 0, 1, 0, 0, 1, 1, 1], dtype=bool)).tolist() == [2, 1, 3]
    assert functionals.runs(np.zeros(3, dtype=bool)).tolist() == []


def test_each_speed_is_a_frame():
    wave = voice(200) + 0.1 * noise()
    three = front_ends.compute(THREE, wave)
    pitch = functionals.names().index("pitch mean")
    assert three.shape == (3, 3535) == (front_ends.frames(THREE, 2.0), 3535)
    np.testing.assert_array_equal(three[0], front_ends.compute(FUNCTIONALS, wave)[0])
    np.testing.assert_allclose(100 * 2 ** (three[:, pitch] / 12), [200, 160, 250], rtol=0.005)


@pytest.mark.parametrize("speeds", ["", "fast", "1 0", "1, 2", "3"])
def test_a_speed_that_is_none_is_refused(speeds):
    with pytest.raises(PluginError, match=r"speeds=.*: give numbers from 0.5 to 2, such as '1 0.8 1.25'"):
        front_ends.compute(Features(front_end="functionals", options={"speeds": speeds}), noise(0.1))


def test_what_is_shorter_than_a_window_has_functionals():
    for samples in (1, 159, 640, 4000):
        assert np.isfinite(functionals.vector(voice(200)[:samples])).all()


def test_it_costs_two_ffts_and_the_mel_filters_and_little_else():
    n, fft = 301, 1.25 * 1024 * 10
    most = n * (2 * fft + 513 * 64)
    assert most < front_ends.macs(FUNCTIONALS, 48_000) < 1.1 * most < 20e6
    speeds = [
        front_ends.macs(Features(front_end="functionals", options={"speeds": speed}), 48_000)
        for speed in ("1", "0.8", "1.25")
    ]
    assert front_ends.macs(THREE, 48_000) == pytest.approx(sum(speeds), abs=3)


def test_what_the_formula_counts_is_there():
    found = contours.contours(voice(200))
    assert len(found.table) == functionals.CONTOURS
    assert len(functionals.correlations(found).columns) == math.comb(2 * functionals.MELODY, 2)
    assert len(functionals.modulation(found).columns) == functionals.MODULATED
