"""What is wrong with a recording, on sounds of which it is known."""

import numpy as np
import pytest
import soxr

from benchmark.audio import quality

NOISE = np.random.default_rng(0).normal(scale=0.1, size=32_000).astype(np.float32)


def telephone(sound):
    return soxr.resample(soxr.resample(sound, 16_000, 8_000), 8_000, 16_000)


@pytest.mark.parametrize(
    ("sound", "words"),
    [
        (NOISE, []),
        (0 * NOISE, ["silent"]),
        (NOISE / 20, []),
        (NOISE / 50, ["very quiet (-54 dB of full scale)"]),
        (np.clip(20 * NOISE, -1, 1), ["clipped: 62.3 % of it is at full scale"]),
        (telephone(NOISE), ["nothing above 4.0 kHz, as by telephone"]),
        (
            telephone(NOISE) / 50,
            ["very quiet (-57 dB of full scale)", "nothing above 4.0 kHz, as by telephone"],
        ),
    ],
    ids=["good", "silent", "soft", "quiet", "clipped", "telephone", "both"],
)  # fmt: skip
def test_doubts(sound, words):
    assert list(quality.doubts(sound)) == words


def test_a_few_samples_at_full_scale_are_a_loud_voice():
    loud = NOISE.copy()
    loud[:20] = 1.0  # of 32,000
    assert list(quality.doubts(loud)) == []
    loud[:40] = 1.0
    assert list(quality.doubts(loud)) == ["clipped: 0.1 % of it is at full scale"]


@pytest.mark.parametrize("samples", [1, 2, 399, 401])
def test_a_sound_of_any_length(samples):
    assert list(quality.doubts(np.full(samples, 0.5, np.float32)))[:1] in (
        [],
        ["nothing above 0.0 kHz, as by telephone"],
    )


def test_loudness_is_that_of_the_loud_part():
    sine = np.sin(np.arange(16_000) / 5).astype(np.float32)
    assert quality.loudness(sine) == pytest.approx(-3.01, abs=0.1)
    assert quality.loudness(np.append(np.zeros(64_000, np.float32), sine)) == pytest.approx(-3.01, abs=0.1)
