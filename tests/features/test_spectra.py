"""Spectra, Mel bands and cepstra are torchaudio's, librosa's and TensorFlow's."""

import numpy as np
import pytest
import soxr
import torch
from front_end_cases import IMAGE

from benchmark.audio.librosa_import import librosa
from benchmark.features import front_ends, mel
from protocols.contract import Features

RATE = 16_000


def mel_power(wave, n_fft, hop, n_mels):
    power = np.abs(librosa.stft(wave, n_fft=n_fft, hop_length=hop, pad_mode="constant")) ** 2
    return librosa.feature.melspectrogram(S=power, sr=RATE, n_fft=n_fft, n_mels=n_mels)


def near(ours, theirs):
    """Relative to the largest value, since both cross zero."""
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


@pytest.mark.parametrize("window", [512, 300])
@pytest.mark.parametrize("samples", [1, 700, 2 * RATE])  # one frame, few, more than are taken at a time
def test_mel_power_is_torchaudios_bit_for_bit(wave, samples, window):
    from torchaudio import transforms

    options = {"n_fft": 512, "hop": 64, "n_mels": 40}
    theirs = transforms.MelSpectrogram(
        RATE, n_fft=512, hop_length=64, n_mels=40, win_length=window, window_fn=torch.hamming_window,
        norm="slaney", mel_scale="slaney", pad_mode="constant",
    )(torch.from_numpy(wave[:samples]))  # fmt: skip
    ours = mel.mel(wave[:samples], **options, window=window, hamming=True)
    assert torch.equal(ours.T, theirs)


@pytest.mark.parametrize(("n_fft", "hop", "n_mels"), [(512, 160, 64), (400, 160, 40), (1024, 320, 80)])
def test_log_mel_is_librosas(wave, n_fft, hop, n_mels):
    ours = front_ends.compute(
        Features(front_end="log-mel", options={"n_fft": n_fft, "hop": hop, "n_mels": n_mels}), wave
    )
    theirs = librosa.power_to_db(mel_power(wave, n_fft, hop, n_mels)).T
    assert ours.shape == theirs.shape
    assert near(ours, theirs) < 1e-4


@pytest.mark.parametrize(
    ("n_fft", "hop", "n_mels", "n_mfcc"), [(512, 160, 64, 20), (400, 160, 40, 13), (1024, 512, 128, 40)]
)
def test_mfcc_is_librosas(wave, n_fft, hop, n_mels, n_mfcc):
    options = {"n_fft": n_fft, "hop": hop, "n_mels": n_mels, "n_mfcc": n_mfcc}
    ours = front_ends.compute(Features(front_end="mfcc", options=options), wave)
    decibel = librosa.power_to_db(mel_power(wave, n_fft, hop, n_mels))
    theirs = librosa.feature.mfcc(S=decibel, n_mfcc=n_mfcc).T
    assert ours.shape == theirs.shape
    assert near(ours, theirs) < 1e-4


def test_a_short_hamming_window_is_librosas(wave):
    options = {"n_fft": 1024, "window": 512, "hamming": True, "hop": 64, "n_mels": 128}
    ours = front_ends.compute(Features(front_end="log-mel", options=options), wave)
    power = librosa.feature.melspectrogram(
        y=wave, sr=RATE, n_fft=1024, win_length=512, window="hamming", hop_length=64, pad_mode="constant"
    )
    theirs = librosa.power_to_db(power).T
    assert ours.shape == theirs.shape == (1 + 2 * RATE // 64, 128)
    assert near(ours, theirs) < 1e-4


def test_seconds_crop_the_wave_to_its_middle_or_pad_its_end(wave):
    def log_mel(sound, **options):
        return front_ends.compute(Features(front_end="log-mel", options=options), sound)

    np.testing.assert_array_equal(log_mel(wave, seconds=1.5), log_mel(wave[4000:28_000]))
    np.testing.assert_array_equal(log_mel(wave, seconds=3.0), log_mel(np.pad(wave, (0, RATE))))
    np.testing.assert_array_equal(log_mel(wave, seconds=2.0), log_mel(wave))


def test_resized_frames_are_weighted_means_of_their_neighbours(wave):
    """Antialiased: a triangle as wide as two of the new frames, centred on each."""
    plain = front_ends.compute(Features(front_end="log-mel", options={"hop": 64}), wave)
    small = front_ends.compute(Features(front_end="log-mel", options={"hop": 64, "resize": 50}), wave)
    scale = len(plain) / 50
    centres = (np.arange(50) + 0.5) * scale - 0.5
    weights = np.maximum(1 - np.abs(np.arange(len(plain)) - centres[:, None]) / scale, 0)
    assert small.shape == (50, 64)
    by_hand = weights / weights.sum(axis=1, keepdims=True) @ plain
    np.testing.assert_allclose(small, by_hand, atol=0.05)


def test_an_image_of_any_clip_has_the_same_size(wave):
    for sound in (wave[:800], wave, np.tile(wave, 4)):
        image = front_ends.compute(Features(front_end="log-mel", options=IMAGE), sound)
        assert image.shape == (128, 128)


def test_zcr_mfcc_is_librosas_laid_out_as_published(wave):
    sound = np.tile(wave, 2)
    ours = front_ends.compute(Features(front_end="zcr-mfcc"), sound)
    middle = soxr.resample(sound[9600:49_600], RATE, 22_050)
    assert len(middle) == 55_125
    rates = librosa.feature.zero_crossing_rate(middle)[0]
    cepstra = librosa.feature.mfcc(y=middle, sr=22_050, n_mfcc=20)  # (20, 108)
    assert ours.shape == (1, 2268)
    np.testing.assert_array_equal(ours[0, :108], rates.astype(np.float32))
    np.testing.assert_allclose(ours[0, 108:128], cepstra[:, 0], rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(ours[0, 108:].reshape(108, 20), cepstra.T, rtol=1e-5, atol=1e-4)


def test_zcr_mfcc_of_a_shorter_clip_ends_in_zeros(wave):
    ours = front_ends.compute(Features(front_end="zcr-mfcc"), wave)[0]
    there = 1 + round(1.4 * 22_050) // 512
    cepstra = ours[108:].reshape(108, 20)
    assert (ours[:there] > 0).all()
    assert cepstra[:there].all()
    assert not ours[there:108].any()
    assert not cepstra[there:].any()
    assert not front_ends.compute(Features(front_end="zcr-mfcc"), wave[:9600]).any()


def test_mfcc_22k_is_librosas_of_the_middle_with_zeros_on_both_sides(wave):
    assert len(wave) == 2 * RATE
    ours = front_ends.compute(Features(front_end="mfcc-22k"), wave)
    sound = np.pad(soxr.resample(wave, RATE, 22_050), (130_000 - 44_100) // 2)
    theirs = librosa.feature.mfcc(y=sound, sr=22_050, n_mfcc=39).T
    assert ours.shape == theirs.shape == (254, 39)
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-3)
    long = np.tile(wave, 4)  # 8 s, of which the middle is taken
    first = (len(long) - 94_331) // 2
    np.testing.assert_array_equal(
        *(front_ends.compute(Features(front_end="mfcc-22k"), each) for each in (long, long[first:][:94_331]))
    )


def test_clipped_mfccs_are_tensorflows_of_the_middle_whatever_its_level(wave):
    """One frame from the formulas of TensorFlow's signal module."""
    ours = front_ends.compute(Features(front_end="mfcc-clipped"), wave)
    assert ours.shape == (184, 40)
    assert np.abs(ours).max() == 10
    scaled = np.clip(wave / np.percentile(np.abs(wave), 99.9), -1, 1)
    frame = np.pad(scaled, RATE // 2)[90 * 256 :][:1024] * (
        0.5 - 0.5 * np.cos(2 * np.pi * np.arange(1024) / 1024)
    )
    mels = librosa.hz_to_mel(np.fft.rfftfreq(1024, 1 / RATE), htk=True)
    lowest, highest = librosa.hz_to_mel([80.0, 7600.0], htk=True)
    edges = np.linspace(lowest, highest, 130)
    bands = [np.interp(mels, edges[k : k + 3], [0, 1, 0]) for k in range(128)] @ np.abs(np.fft.rfft(frame))
    angles = np.pi / 128 * np.outer(np.arange(40), np.arange(128) + 0.5)
    cepstra = np.sqrt(2 / 128) * np.cos(angles) @ np.log(bands + 1e-6)
    np.testing.assert_allclose(ours[90], np.clip(cepstra, -10, 10), atol=2e-3)
    quiet = front_ends.compute(Features(front_end="mfcc-clipped"), wave / 50)
    np.testing.assert_allclose(quiet, ours, atol=1e-3)


def test_deltas_are_the_slope_over_five_frames(wave):
    plain = front_ends.compute(Features(front_end="mfcc"), wave)
    both = front_ends.compute(Features(front_end="mfcc", options={"deltas": 1}), wave)
    slope = (2 * (plain[4:] - plain[:-4]) + plain[3:-1] - plain[1:-3]) / 10
    assert both.shape == (len(plain), 40)
    np.testing.assert_array_equal(both[:, :20], plain)
    np.testing.assert_allclose(both[2:-2, 20:], slope, atol=1e-3)
