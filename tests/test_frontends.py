"""torchaudio's numbers are librosa's; every front end has an answer to the worst of clips."""

import warnings

import numpy as np
import pytest

from benchmark import frontends
from protocols.contract import Features
from protocols.errors import PluginError

librosa = pytest.importorskip("librosa")

RATE = 16_000
KINDS = ["mfcc", "log-mel", "wave", "egemaps"]


@pytest.fixture(scope="module")
def wave():
    """Two seconds that have harmonics, noise, a pause and a fade."""
    rng = np.random.default_rng(3)
    t = np.arange(2 * RATE) / RATE
    voice = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 30))
    sound = voice * np.abs(np.sin(3 * t)) * np.exp(-t) + 0.02 * rng.normal(size=len(t))
    sound[10_000:12_000] *= 1e-3
    return (0.2 * sound).astype(np.float32)


def mel_power(wave, n_fft, hop, n_mels):
    power = np.abs(librosa.stft(wave, n_fft=n_fft, hop_length=hop, pad_mode="constant")) ** 2
    return librosa.feature.melspectrogram(S=power, sr=RATE, n_fft=n_fft, n_mels=n_mels)


def near(ours, theirs):
    """Relative to the largest value, since both cross zero."""
    return np.abs(ours - theirs).max() / np.abs(theirs).max()


@pytest.mark.parametrize(("n_fft", "hop", "n_mels"), [(512, 160, 64), (400, 160, 40), (1024, 320, 80)])
def test_log_mel_is_librosas(wave, n_fft, hop, n_mels):
    ours = frontends.compute(
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
    ours = frontends.compute(Features(front_end="mfcc", options=options), wave)
    decibel = librosa.power_to_db(mel_power(wave, n_fft, hop, n_mels))
    theirs = librosa.feature.mfcc(S=decibel, n_mfcc=n_mfcc).T
    assert ours.shape == theirs.shape
    assert near(ours, theirs) < 1e-4


def test_deltas_are_the_slope_over_five_frames(wave):
    plain = frontends.compute(Features(front_end="mfcc"), wave)
    both = frontends.compute(Features(front_end="mfcc", options={"deltas": 1}), wave)
    slope = (2 * (plain[4:] - plain[:-4]) + plain[3:-1] - plain[1:-3]) / 10
    assert both.shape == (len(plain), 40)
    np.testing.assert_array_equal(both[:, :20], plain)
    np.testing.assert_allclose(both[2:-2, 20:], slope, atol=1e-3)


def test_functionals_are_over_time_in_the_order_asked_for(wave):
    frames = frontends.compute(Features(front_end="mfcc"), wave)
    one = frontends.compute(Features(front_end="mfcc", functionals=("max", "mean", "std", "min")), wave)
    by_hand = np.concatenate([frames.max(0), frames.mean(0), frames.std(0), frames.min(0)])
    assert one.shape == (1, 80)
    np.testing.assert_allclose(one[0], by_hand, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clip", ["silence", "0.05 s", "one sample"])
def test_every_front_end_is_finite(kind, clip, wave):
    if kind == "egemaps":
        pytest.importorskip("opensmile")
    sound = {
        "silence": np.zeros(RATE, np.float32),
        "0.05 s": wave[: RATE // 20],
        "one sample": wave[5000:5001],
    }[clip]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = frontends.compute(Features(front_end=kind), sound)
    assert out.dtype == np.float32
    assert out.ndim == 2
    assert len(out) >= 1
    assert np.isfinite(out).all()


@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.2345, 2.0])
@pytest.mark.parametrize(
    "features",
    [
        Features(front_end="mfcc"),
        Features(front_end="log-mel", options={"hop": 320, "n_mels": 40}),
        Features(front_end="wave"),
        Features(front_end="mfcc", functionals=("mean",)),
    ],
    ids=["mfcc", "log-mel", "wave", "functionals"],
)
def test_frames_tells_the_length_beforehand(wave, features, seconds):
    sound = wave[: round(seconds * RATE)]
    assert frontends.frames(features, seconds) == len(frontends.compute(features, sound))


def test_what_is_unknown_is_refused_by_name():
    with pytest.raises(PluginError, match="no front end 'plp'; known: mfcc, log-mel, egemaps, wave"):
        frontends.resolved(Features(front_end="plp"))
    with pytest.raises(PluginError, match="log-mel has no option 'n_mel'; its options: n_fft, hop, n_mels"):
        frontends.resolved(Features(front_end="log-mel", options={"n_mel": 40}))
    with pytest.raises(PluginError, match="wave has no option 'hop'; its options: none"):
        frontends.resolved(Features(front_end="wave", options={"hop": 1}))
    with pytest.raises(PluginError, match="no functional 'median'; known: mean, std, min, max"):
        frontends.resolved(Features(front_end="mfcc", functionals=("median",)))


def test_a_default_spelt_out_is_the_same_front_end():
    short = Features(front_end="mfcc", options={"n_mfcc": 20})
    assert frontends.identity(short) == frontends.identity(Features(front_end="mfcc"))
    other = Features(front_end="mfcc", options={"n_mfcc": 13})
    assert frontends.identity(other) != frontends.identity(short)
