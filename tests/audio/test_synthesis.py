import hashlib

import numpy as np
import pytest

from benchmark.audio import synthesis
from benchmark.audio.synthesis import STYLES, utter

RATE = 16000


def level(samples):
    return 10 * np.log10(np.mean(samples**2))


def pitch(samples):
    """Median over frames of the lag of the highest autocorrelation, in Hz; loud frames only."""
    frames = np.lib.stride_tricks.sliding_window_view(samples.astype(float), 1024)[::512]
    frames = frames[(frames**2).mean(1) > 0.5 * (samples**2).mean()]
    power = np.abs(np.fft.rfft(frames, 4096)) ** 2
    lags = np.fft.irfft(power)[:, RATE // 450 : RATE // 60]  # (frames, lags)
    return np.median(RATE / (RATE // 450 + lags.argmax(1)))


def clips(emotion, sex="female", n=8):
    return [utter(f"speaker {i}", sex, emotion, f"sentence {i % 3}", take=i) for i in range(n)]


def test_the_same_arguments_give_the_same_samples_and_others_do_not():
    first = utter("a", "male", "anger", "s", take=1)
    assert np.array_equal(first, utter("a", "male", "anger", "s", take=1))
    others = [
        utter("b", "male", "anger", "s", take=1),
        utter("a", "female", "anger", "s", take=1),
        utter("a", "male", "sadness", "s", take=1),
        utter("a", "male", "anger", "t", take=1),
        utter("a", "male", "anger", "s", take=2),
        utter("a", "male", "anger", "s", take=1, intensity="low"),
    ]
    assert not any(np.array_equal(first, other) for other in others)


@pytest.mark.parametrize("emotion", [*STYLES, "an emotion of somebody else's corpus"])
def test_every_emotion_sounds_within_the_range(emotion):
    for intensity in ("", "low", "medium", "strong"):
        samples = utter("a", "female", emotion, "s", intensity=intensity)
        assert samples.dtype == np.float32
        assert samples.ndim == 1
        assert np.isfinite(samples).all()
        assert 0.01 < np.abs(samples).max() <= 1


def test_four_syllables_last_about_a_second_and_fourteen_more_than_two():
    short = [len(c) / RATE for emotion in STYLES for c in clips(emotion)]
    long = [len(utter(f"{i}", "male", "neutral", "s", syllables=14)) / RATE for i in range(8)]
    assert min(short) > 0.4
    assert max(short) < 1.5
    assert 2 < np.mean(long) < 3


def test_another_rate_has_as_many_seconds():
    assert len(utter("a", "male", "fear", "s", rate=8000)) == pytest.approx(
        len(utter("a", "male", "fear", "s")) / 2, abs=1
    )


def test_measured_pitch_is_the_voice_s_own():
    for i, sex in enumerate(["female", "male"] * 4):
        measured = np.median([pitch(utter(f"{i}", sex, "neutral", f"{s}", take=s)) for s in range(8)])
        assert abs(12 * np.log2(measured / synthesis.voice(f"{i}", sex).pitch)) < 4  # semitones
    assert min(map(pitch, clips("neutral", "female"))) > max(map(pitch, clips("neutral", "male")))


def test_speakers_of_one_sex_differ():
    voices = [synthesis.voice(f"{i}", "male") for i in range(20)]
    assert len({voice.pitch for voice in voices}) == 20
    assert np.std([np.log2(voice.tract) for voice in voices]) > 0.02


def test_anger_is_louder_higher_and_brighter_than_sadness():
    def bright(samples):
        power = np.abs(np.fft.rfft(samples)) ** 2
        return np.log(power[len(power) // 8 : len(power) // 3].sum() / power[: len(power) // 8].sum())

    for measure in (level, pitch, bright):
        anger, sadness = (np.mean([measure(c) for c in clips(e)]) for e in ("anger", "sadness"))
        assert anger > sadness, measure.__name__


def test_intensity_moves_away_from_neutral():
    def mean_level(intensity):
        return np.mean([level(utter(f"{i}", "male", "anger", "s", intensity=intensity)) for i in range(16)])

    assert mean_level("low") < mean_level("high")


def test_a_sentence_has_the_same_syllables_in_every_voice_and_others_have_others():
    def spectrum(speaker, sentence):
        samples = utter(speaker, "male", "neutral", sentence, syllables=8)
        power = np.abs(np.fft.rfft(samples, 1 << 16))[: 1 << 14] ** 2  # to 4 kHz
        bands = np.log(power.reshape(64, -1).sum(1))
        return bands - bands.mean()

    same = np.corrcoef([spectrum(f"{i}", "s") for i in range(6)])[0, 1:].mean()
    other = np.mean([np.corrcoef(spectrum("0", "s"), spectrum(f"{i}", f"t{i}"))[0, 1] for i in range(6)])
    assert same > other
    assert np.array_equal(synthesis.read("s", 8).vowels, synthesis.read("s", 8).vowels)
    assert not np.array_equal(synthesis.read("s", 8).vowels, synthesis.read("t", 8).vowels)


def test_a_changed_voice_has_a_new_version():
    samples = np.round(utter("a", "male", "fear", "s") * 32767).astype("<i2")
    digest = hashlib.sha256(samples.tobytes()).hexdigest()[:12]
    # Caches go by VERSION: where this digest changes, raise VERSION and put the new pair here.
    assert (synthesis.VERSION, digest) == ("1", "e0c92d3cb3eb")
