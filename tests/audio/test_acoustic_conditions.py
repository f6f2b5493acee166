"""Acoustic conditions: what each does to a clip, held to its settings by other means."""

import io

import numpy as np
import pytest
import soundfile
from scipy import signal

from benchmark.audio import acoustic_conditions
from benchmark.audio.reader import RATE

SECONDS = 3
TABLE = "2d352a41ed61"  # its digest, as this version has it


@pytest.fixture(scope="module")
def wave():
    """Tones of a voice's range, of which each can be found again."""
    t = np.arange(SECONDS * RATE) / RATE
    tones = sum(np.sin(2 * np.pi * f * t) for f in (100, 1000, 2000, 5000))
    return (0.05 * tones).astype(np.float32)


def altered(wave, condition, clip="a clip"):
    return acoustic_conditions.altered(wave, condition, clip=clip)


def decibel(power):
    return 10 * np.log10(power)


def spectrum(wave):
    """Power by frequency, in bins of 1/3 Hz."""
    return np.abs(np.fft.rfft(wave)) ** 2


def power(wave):
    return np.mean(np.square(wave, dtype=float))


@pytest.mark.parametrize("condition", acoustic_conditions.CONDITIONS)
def test_every_condition_keeps_length_and_type_and_comes_again(wave, condition):
    one, other = (altered(wave[:-7], condition) for _ in range(2))
    assert (one.shape, one.dtype) == (wave[:-7].shape, np.float32)
    np.testing.assert_array_equal(one, other)
    assert np.abs(one - wave[:-7]).max() > 0.01
    np.testing.assert_allclose(altered(np.zeros(500, np.float32), condition), 0, atol=1e-3)


@pytest.mark.parametrize("snr", [20, 10, 0])
def test_noise_is_so_far_below_the_clip(wave, snr):
    noise = altered(wave, f"noise-{snr}") - wave
    assert decibel(power(wave) / power(noise)) == pytest.approx(snr, abs=0.01)


def test_a_clip_has_one_noise_and_another_clip_another(wave):
    loud, soft = (altered(wave, name) - wave for name in ("noise-0", "noise-20"))
    np.testing.assert_allclose(loud, 10 * soft, atol=1e-5)
    other = altered(wave, "noise-0", clip="another") - wave
    assert abs(np.corrcoef(loud, other)[0, 1]) < 0.1


def test_noise_has_the_spectrum_of_speech(wave):
    by_hertz = spectrum(altered(wave, "noise-0") - wave)
    low, high = (by_hertz[SECONDS * f - 200 : SECONDS * f + 200].mean() for f in (500, 4000))
    assert decibel(low / high) == pytest.approx(34.27 - 9.33, abs=1)


def test_a_telephone_passes_its_band_alone(wave):
    gain = decibel(spectrum(altered(wave, "telephone")) / spectrum(wave))
    low, *passed, high = (gain[SECONDS * f] for f in (100, 1000, 2000, 5000))
    np.testing.assert_allclose(passed, 0, atol=0.5)
    assert low < -30
    assert high < -30


def test_the_level_is_the_only_change(wave):
    np.testing.assert_array_equal(altered(wave, "half-level"), wave / 2)
    np.testing.assert_allclose(altered(wave, "tenth-level"), wave / 10, rtol=1e-6)


def test_a_room_rings_as_long_and_as_loud_as_it_should():
    click = np.zeros(RATE, np.float32)
    click[0] = 1
    response = altered(click, "small-room").astype(float)
    assert power(response) == pytest.approx(power(click))
    energy = response**2
    critical = 0.057 * np.sqrt(30 / 0.4)  # m: there direct and reverberant sound are alike; it is 1 m away
    assert energy[0] / energy[1:].sum() == pytest.approx(critical**2, rel=1e-4)
    left = decibel(np.cumsum(energy[::-1])[::-1])  # Schroeder's curve
    t = np.flatnonzero((left < left[1] - 5) & (left > left[1] - 25)) / RATE
    slope = np.polyfit(t, left[np.round(t * RATE).astype(int)], 1)[0]
    assert -60 / slope == pytest.approx(0.4, rel=0.05)


def test_opus_has_the_rate_and_is_not_late(wave, monkeypatch):
    sizes, write = [], soundfile.write

    def watched(file, *arguments, **codec):
        write(file, *arguments, **codec)
        assert isinstance(file, io.BytesIO)
        sizes.append(len(file.getvalue()))

    monkeypatch.setattr(soundfile, "write", watched)
    speech = signal.lfilter([1], [1, -0.95], np.random.default_rng(0).normal(0, 0.02, len(wave)))
    decoded = altered(speech.astype(np.float32), "opus-16")
    assert 8 * sizes[0] / SECONDS == pytest.approx(16_000, rel=0.3)
    lags = signal.correlate(decoded[2000:-2000], speech[2000:-2000], mode="same")
    assert abs(lags.argmax() - len(lags) // 2) <= 1


def test_without_the_codec_the_condition_is_named(monkeypatch):
    assert acoustic_conditions.unavailable() == {}
    monkeypatch.setattr(soundfile, "check_format", lambda *_: False)
    [(name, why)] = acoustic_conditions.unavailable().items()
    assert name == "opus-16"
    assert "writes no Opus" in why


def test_a_change_of_the_table_is_another_version():
    """Whoever changes a setting raises VERSION and this digest: results of both are not compared."""
    assert (acoustic_conditions.VERSION, acoustic_conditions.digest()[:12]) == (1, TABLE)
