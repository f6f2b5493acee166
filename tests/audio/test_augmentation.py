"""Each augmentation is measured: decibels, durations, peaks of spectra, shares of frames."""

import json

import numpy as np
import pytest

from benchmark.audio import augmentation
from protocols.contract import Augmentation

RATE = 16_000


AMOUNTS = {"noise": 20, "gain": -6, "time-shift": 0.2, "speed": 1.1, "pitch": 2, "vocal-tract": 1.1}


def sine(hertz, seconds=1.0):
    return (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def vowel(formant, pitch=100, seconds=1.0):
    """Harmonics of `pitch` below one broad resonance."""
    harmonics = np.arange(pitch, 7000, pitch)
    t = np.arange(round(seconds * RATE)) / RATE
    loud = 0.02 + 1 / (1 + ((harmonics - formant) / 200) ** 2)
    return (0.05 * loud @ np.sin(2 * np.pi * harmonics[:, None] * t)).astype(np.float32)


def done(wave, kind, low, high=None, *, seed=0, probability=1.0):
    one = Augmentation(kind, low, low if high is None else high, probability)
    return augmentation.augmented(wave, [one], rng=np.random.default_rng(seed))


def peak(wave):
    """Frequency of the greatest bin, in Hz."""
    spectrum = np.abs(np.fft.rfft(wave * np.hanning(len(wave))))
    return spectrum.argmax() * RATE / len(wave)


def crossings(wave):
    """Frequency of a sine by its sign changes, in Hz, without the edges."""
    inner = wave[len(wave) // 10 : -len(wave) // 10]
    return np.count_nonzero(np.diff(np.signbit(inner))) * RATE / len(inner) / 2


def formant_of(wave):
    """Centre of gravity of the power within 500 Hz of the loudest bin, in Hz; for one second."""
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)))) ** 2
    near = np.arange(len(power))[abs(np.arange(len(power)) - power.argmax()) <= 500]
    return (near * power[near]).sum() / power[near].sum()


@pytest.mark.parametrize("snr", [0, 10, 30])
def test_noise_lies_so_many_decibels_below_the_clip(snr):
    wave = vowel(800)
    noise = done(wave, "noise", snr) - wave
    assert 10 * np.log10(np.mean(wave**2) / np.mean(noise**2)) == pytest.approx(snr, abs=0.2)


def test_noise_is_white():
    wave = np.full(RATE, 0.1, np.float32)
    power = np.abs(np.fft.rfft(done(wave, "noise", 0) - wave)) ** 2
    low, high = power[1:4000].mean(), power[4000:].mean()
    assert 10 * np.log10(low / high) == pytest.approx(0, abs=0.5)


@pytest.mark.parametrize("decibel", [-12, 6])
def test_gain(decibel):
    wave = sine(300)
    np.testing.assert_allclose(done(wave, "gain", decibel), wave * 10 ** (decibel / 20), rtol=1e-5)


def test_time_shift_lets_zeros_in_and_keeps_the_length():
    wave = sine(300, 0.5) + 1
    later, sooner = done(wave, "time-shift", 0.1), done(wave, "time-shift", -0.1)
    assert len(later) == len(sooner) == len(wave)
    np.testing.assert_array_equal(later[1600:], wave[:-1600])
    np.testing.assert_array_equal(sooner[:-1600], wave[1600:])
    assert not later[:1600].any()
    assert not sooner[-1600:].any()
    np.testing.assert_array_equal(done(wave, "time-shift", 0), wave)
    assert not done(wave, "time-shift", 3).any()


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_speed_alters_tempo_and_pitch(factor):
    faster = done(sine(400, 2.0), "speed", factor)
    assert len(faster) == pytest.approx(2 * RATE / factor, abs=1)
    assert crossings(faster) == pytest.approx(400 * factor, rel=0.005)
    assert peak(faster) == pytest.approx(400 * factor, rel=0.005)


@pytest.mark.parametrize("semitones", [-3, 2, 0.7])
def test_pitch_alters_pitch_alone(semitones):
    higher = done(sine(400, 2.0), "pitch", semitones)
    assert len(higher) == 2 * RATE
    assert crossings(higher) == pytest.approx(400 * 2 ** (semitones / 12), rel=0.005)
    assert peak(higher) == pytest.approx(400 * 2 ** (semitones / 12), rel=0.005)


@pytest.mark.parametrize("factor", [0.85, 0.9, 1.1, 1.2])
@pytest.mark.parametrize("formant", [1500, 2500])
def test_vocal_tract_moves_the_formant_and_not_the_pitch(formant, factor):
    wave = vowel(formant)
    moved = done(wave, "vocal-tract", factor)
    assert len(moved) == len(wave)
    assert formant_of(wave) == pytest.approx(formant, rel=0.01)
    assert formant_of(moved) == pytest.approx(formant * factor, rel=0.03)
    power = np.abs(np.fft.rfft(moved * np.hanning(len(moved)))) ** 2
    power = power[50:6950].reshape(-1, 100)  # 50 Hz on both sides of each harmonic of 100 Hz
    assert power[:, 47:54].sum() > 0.99 * power.sum()  # the harmonics are where they were


def test_a_vocal_tract_of_the_same_length_changes_nothing():
    wave = vowel(1500)
    np.testing.assert_allclose(done(wave, "vocal-tract", 1.0), wave, atol=1e-5)


@pytest.mark.parametrize("kind", augmentation.WAVE)
@pytest.mark.parametrize("clip", [np.zeros(RATE), sine(300, 0.05), sine(300)[7:8]], ids=["0", "short", "one"])
def test_the_worst_of_clips_survive(kind, clip):
    clip = clip.astype(np.float32)
    out = done(clip, kind, AMOUNTS[kind])
    assert out.dtype == np.float32
    assert np.isfinite(out).all()
    assert len(out) >= 1
    assert kind == "speed" or len(out) == len(clip)
    assert clip.any() or not out.any()


@pytest.mark.parametrize("kind", augmentation.WAVE)
def test_a_wave_is_left_alone_without_probability_or_amount(kind):
    wave = vowel(800)
    before = wave.copy()
    np.testing.assert_array_equal(done(wave, kind, AMOUNTS[kind], probability=0.0), before)
    assert not np.array_equal(done(wave, kind, AMOUNTS[kind]), before)
    np.testing.assert_array_equal(wave, before)  # what is given is never written to


def test_the_same_seed_gives_the_same_wave():
    wave = sine(300)
    every = [Augmentation(kind, amount, amount + 0.1, 0.5) for kind, amount in AMOUNTS.items()]
    once, again, other = (
        augmentation.augmented(wave, every, rng=np.random.default_rng(s)) for s in (1, 1, 2)
    )
    np.testing.assert_array_equal(once, again)
    assert not np.array_equal(once, other)


def test_ones_probability_shifts_nothing_for_the_next():
    """Noise draws as many numbers as there are samples, or none: the gain after it is the same."""
    wave = sine(300)

    def level(probability):
        both = [Augmentation("noise", 80, 90, probability), Augmentation("gain", -20, 20)]
        out = augmentation.augmented(wave, both, rng=np.random.default_rng(5))
        return 20 * np.log10(np.linalg.norm(out) / np.linalg.norm(wave))

    assert level(0.0) == pytest.approx(level(1.0), abs=1e-3)
    assert abs(level(0.0)) > 0.1


def test_amounts_are_drawn_evenly_and_as_often_as_the_probability_says():
    wave = np.ones(1, np.float32)
    levels = [done(wave, "gain", -10, 20, seed=seed, probability=0.75)[0] for seed in range(2000)]
    decibel = 20 * np.log10([level for level in levels if level != 1])
    assert len(decibel) / len(levels) == pytest.approx(0.75, abs=0.03)
    assert decibel.min() == pytest.approx(-10, abs=0.1)
    assert decibel.max() == pytest.approx(20, abs=0.1)
    assert np.median(decibel) == pytest.approx(5, abs=1)


def test_a_copy_goes_through_what_is_meant_for_it():
    noise, pitch, gain = (
        Augmentation("noise", 0, 9, copies=(1, 3)),
        Augmentation("pitch", 1, 2, copies=(3,)),
        Augmentation("gain", 0, 1),
    )
    found = [augmentation.of_copy([pitch, noise, gain], number) for number in (1, 2, 3)]
    assert found == [[noise, gain], [gain], [pitch, noise, gain]]


def test_an_identity_differs_between_augmentations_and_survives_json():
    one, other = (augmentation.identity([Augmentation("noise", 10, 20, p)]) for p in (0.5, 1.0))
    assert one != other
    assert json.loads(json.dumps(one)) == one
    assert one == {"steps": [{"kind": "noise", "low": 10, "high": 20, "probability": 0.5}], "version": 1}
    second = augmentation.identity([Augmentation("noise", 10, 20, copies=(2,))])
    assert second["steps"][0]["copies"] == (2,)
