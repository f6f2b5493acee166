"""The front end `pitch` on made-up signals whose pitch, voicing and energy are known."""

import time

import numpy as np
import pytest

from benchmark.features import front_ends
from benchmark.features.front_ends import pitch
from protocols.contract import Features

RATE = 16_000
PITCH = Features(front_end="pitch")


def tone(hertz, seconds=1.0, loud=0.1):
    """Ten harmonics, falling as those of a voice do."""
    t = np.arange(round(seconds * RATE)) / RATE
    return (loud * sum(np.sin(2 * np.pi * hertz * k * t) / k for k in range(1, 11))).astype(np.float32)


def noise(seconds=1.0, loud=0.1):
    return (loud * np.random.default_rng(0).normal(size=round(seconds * RATE))).astype(np.float32)


def computed(wave, **options):
    """Fundamental frequency, voicing and energy, (frames,) each, of the frames that lie whole in the clip."""
    return front_ends.compute(Features(front_end="pitch", options=options), wave)[4:-4].T


@pytest.mark.parametrize("hertz", [80, 110, 220, 440])
@pytest.mark.parametrize("n_fft", [1024, 2048])
def test_a_tone_has_its_frequency_and_is_voiced(hertz, n_fft):
    found, voicing, _ = computed(tone(hertz), n_fft=n_fft)
    np.testing.assert_allclose(found[4:-4], hertz, rtol=0.02)
    assert voicing[4:-4].min() > 0.95


def test_white_noise_is_unvoiced():
    _, voicing, _ = computed(noise())
    assert np.median(voicing) < 0.25
    assert voicing.max() < 0.5


def test_a_tone_in_noise_lies_between():
    """As loud as each other, tone and noise correlate by half with themselves a period later."""
    mixed = tone(220, loud=0.1)
    mixed += noise(loud=float(mixed.std()))
    _, voicing, _ = computed(mixed)
    assert np.median(voicing) == pytest.approx(0.5, abs=0.1)


def test_voicing_is_the_correlation_with_the_next_period():
    """By numpy's own correlation, one frame at a time."""
    frames = np.stack([noise(0.05), tone(150, 0.05), tone(150, 0.05) + 0.5 * noise(0.05)], axis=1)
    lags = (53, 107, 107)
    ours = pitch.voicing(frames, RATE / np.array(lags))
    for frame, lag, found in zip(frames.T.astype(float), lags, ours, strict=True):
        early, late = frame[:-lag], frame[lag:]
        assert found == pytest.approx(
            max(0.0, early @ late / np.sqrt(early @ early * (late @ late))), abs=1e-6
        )


def test_energy_is_in_decibels_below_full_scale():
    sine = np.sin(2 * np.pi * 250 * np.arange(RATE) / RATE).astype(np.float32)  # whole periods in a frame
    for gain in (1.0, 0.1, 0.01):
        _, _, energy = computed(np.float32(gain) * sine)
        np.testing.assert_allclose(energy, 20 * np.log10(gain / np.sqrt(2)), atol=0.01)


def test_silence_is_finite_unvoiced_and_has_the_lowest_energy():
    out = front_ends.compute(PITCH, np.zeros(RATE, np.float32))
    assert np.isfinite(out).all()
    assert not out[:, 1].any()
    np.testing.assert_allclose(out[:, 2], -100, atol=1e-4)
    faintest = np.full(RATE, 1 / 2**15, np.float32)  # one step of 16 bits
    assert front_ends.compute(PITCH, faintest)[10, 2] > -100


@pytest.mark.parametrize("hop", [160, 320])
@pytest.mark.parametrize("samples", [1, 800, 2559, 2560, 16_123, 320_000])
def test_frames_are_log_mels(samples, hop):
    wave = np.resize(tone(200), samples)
    out = front_ends.compute(Features(front_end="pitch", options={"hop": hop}), wave)
    mel = front_ends.compute(Features(front_end="log-mel", options={"hop": hop}), wave)
    assert out.shape == (len(mel), 3) == (1 + samples // hop, 3)
    assert np.isfinite(out).all()


def test_the_search_stays_between_the_two_frequencies():
    found, _, _ = computed(tone(100), lowest=150.0, highest=400.0)
    assert found.min() > 145
    assert found.max() < 410


def test_three_seconds_take_well_under_a_third_of_one():
    wave = tone(180, 3.0)
    front_ends.compute(PITCH, wave)  # librosa compiles once
    took = []
    for _ in range(5):
        started = time.process_time()  # not what others do meanwhile
        front_ends.compute(PITCH, wave)
        took.append(time.process_time() - started)
    assert min(took) < 0.15


def test_its_cost_is_two_ffts_and_a_correlation_a_frame():
    fft = 1.25 * 2048 * 11  # of 2048 real numbers
    assert front_ends.macs(PITCH, 16_000) == round(101 * (2 * fft + 1024))
