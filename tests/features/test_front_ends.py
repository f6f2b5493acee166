"""torchaudio's numbers are librosa's; every front end gives finite numbers for the worst of clips."""

import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
import soxr
import torch

from benchmark.audio.librosa_import import librosa
from benchmark.features import front_ends, mel
from protocols.contract import Features
from protocols.errors import PluginError

RATE = 16_000
# All but encoders, which need weights.
KINDS = [name for name, declared in front_ends.registry().items() if not declared.encoder]
IMAGE = {
    "n_fft": 1024,
    "window": 512,
    "hamming": True,
    "hop": 64,
    "n_mels": 128,
    "seconds": 4.0,
    "resize": 128,
}


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


def test_functionals_are_over_time_in_the_order_asked_for(wave):
    frames = front_ends.compute(Features(front_end="mfcc"), wave)
    one = front_ends.compute(Features(front_end="mfcc", functionals=("max", "mean", "std", "min")), wave)
    by_hand = np.concatenate([frames.max(0), frames.mean(0), frames.std(0), frames.min(0)])
    assert one.shape == (1, 80)
    np.testing.assert_allclose(one[0], by_hand, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("clip", ["silence", "0.05 s", "one sample"])
def test_every_front_end_is_finite(kind, clip, wave):
    for library in front_ends.registry()[kind].libraries:
        pytest.importorskip(library)
    sound = {
        "silence": np.zeros(RATE, np.float32),
        "0.05 s": wave[: RATE // 20],
        "one sample": wave[5000:5001],
    }[clip]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = front_ends.compute(Features(front_end=kind), sound)
    assert out.dtype == np.float32
    assert out.ndim == 2
    assert len(out) == front_ends.frames(Features(front_end=kind), len(sound) / RATE)
    assert np.isfinite(out).all()


@pytest.mark.parametrize("seconds", [0.05, 0.5, 1.2345, 2.0])
@pytest.mark.parametrize(
    "features",
    [
        Features(front_end="mfcc"),
        Features(front_end="log-mel", options={"hop": 320, "n_mels": 40}),
        Features(front_end="wave"),
        Features(front_end="mfcc", functionals=("mean",)),
        Features(front_end="log-mel", options=IMAGE),
        Features(front_end="log-mel", options={"seconds": 1.0}),
        Features(front_end="zcr-mfcc"),
        Features(front_end="pitch"),
        Features(front_end="mfcc-22k"),
        Features(front_end="mfcc-clipped"),
    ],
    ids=[
        *("mfcc", "log-mel", "wave", "functionals", "resized", "cropped", "zcr-mfcc", "pitch"),
        *("mfcc-22k", "mfcc-clipped"),
    ],
)
def test_frames_gives_the_length_beforehand(wave, features, seconds):
    sound = wave[: round(seconds * RATE)]
    assert front_ends.frames(features, seconds) == len(front_ends.compute(features, sound))


def test_what_is_unknown_is_refused_by_name():
    with pytest.raises(PluginError, match=r"no front end 'plp'; known: .*log-mel, .*mfcc, .*pitch, "):
        front_ends.resolved(Features(front_end="plp"))
    with pytest.raises(
        PluginError, match="log-mel has no option 'n_mel'; its options: n_fft, hop, n_mels, window,"
    ):
        front_ends.resolved(Features(front_end="log-mel", options={"n_mel": 40}))
    with pytest.raises(PluginError, match="wave has no option 'hop'; its options: none"):
        front_ends.resolved(Features(front_end="wave", options={"hop": 1}))
    with pytest.raises(PluginError, match="no functional 'median'; known: mean, std, min, max"):
        front_ends.resolved(Features(front_end="mfcc", functionals=("median",)))


@pytest.mark.parametrize("name", ["log-mel", "mfcc"])
def test_without_its_level_a_clip_is_the_same_however_loud_it_is(wave, name):
    """By up to what rounding to 16 bits does to it."""
    kept = Features(front_end=name)
    removed = replace(kept, level="removed")
    found = {
        features.level: [
            front_ends.given(features, front_ends.compute(features, np.float32(gain) * wave))
            for gain in (1, 0.1)
        ]
        for features in (kept, removed)
    }
    shift = found["kept"][0] - found["kept"][1]
    wanted = np.zeros(shift.shape[1])
    wanted[:] = 20 if name == "log-mel" else [20 * np.sqrt(64), *np.zeros(19)]  # dB, and of 64 bands
    np.testing.assert_allclose(shift.mean(axis=0), wanted, atol=0.1)
    np.testing.assert_allclose(found["removed"][0], found["removed"][1], atol=0.6)
    spans = {level: np.ptp(loud, axis=0) for level, (loud, _) in found.items()}
    np.testing.assert_allclose(spans["removed"], spans["kept"], rtol=1e-3)


@pytest.mark.parametrize(
    ("features", "what"),
    [
        (Features(front_end="pitch", level="removed"), "pitch: it has no level that could be removed"),
        (
            Features(front_end="mfcc", functionals=("mean",), level="removed"),
            "mfcc: functionals of it have no",
        ),
    ],
)
def test_a_level_that_cannot_be_removed_is_refused(features, what):
    with pytest.raises(PluginError, match=what):
        front_ends.resolved(features)


def test_a_default_spelt_out_is_the_same_front_end():
    short = Features(front_end="mfcc", options={"n_mfcc": 20})
    assert front_ends.identity(short) == front_ends.identity(Features(front_end="mfcc"))
    other = Features(front_end="mfcc", options={"n_mfcc": 13})
    assert front_ends.identity(other) != front_ends.identity(short)


@pytest.mark.parametrize(
    ("features", "old"),
    [
        (
            Features(front_end="mfcc", options={"deltas": 1}, functionals=("mean",)),
            {
                "front_end": "mfcc",
                "options": {"n_fft": 512, "hop": 160, "n_mels": 64, "n_mfcc": 20, "deltas": 1},
                "functionals": ["mean"],
            },
        ),
        (
            Features(front_end="log-mel", options={"n_mels": 40, "hop": 320}, seconds=3.0),
            {"front_end": "log-mel", "options": {"n_fft": 512, "hop": 320, "n_mels": 40}, "functionals": []},
        ),
        (Features(front_end="egemaps"), {"front_end": "egemaps", "options": {}, "functionals": []}),
        (Features(front_end="wave"), {"front_end": "wave", "options": {}, "functionals": []}),
    ],
    ids=["mfcc", "log-mel", "egemaps", "wave"],
)
def test_older_records_keep_their_key(features, old):
    """Committed records hold exactly this; a new option at its neutral value must not show in it."""
    assert front_ends.resolved(features) == old
    assert front_ends.declaration(features).version == 1
    if features.front_end == "log-mel":
        neutral = {"window": 0, "hamming": False, "seconds": 0.0, "resize": 0}
        spelt_out = Features(front_end="log-mel", options={**features.options, **neutral}, seconds=3.0)
        assert front_ends.resolved(spelt_out) == old
        other = Features(front_end="log-mel", options={**features.options, "hamming": True})
        assert front_ends.resolved(other)["options"] == {**old["options"], "hamming": True}


def test_the_default_window_is_hanns_as_long_as_the_fft(wave):
    plain = front_ends.compute(Features(front_end="log-mel"), wave)
    same = front_ends.compute(Features(front_end="log-mel", options={"window": 512}), wave)
    other = front_ends.compute(Features(front_end="log-mel", options={"window": 400}), wave)
    np.testing.assert_array_equal(plain, same)
    assert not np.array_equal(plain, other)


@pytest.mark.parametrize(
    ("features", "frames"),
    [
        (Features(front_end="egemaps", seconds=3.0), "1 frame,"),
        (Features(front_end="mfcc", functionals=("mean",), seconds=3.0), "1 frame,"),
        (Features(front_end="zcr-mfcc", seconds=3.0), "1 frame,"),
        (Features(front_end="log-mel", options={"resize": 128}, seconds=3.0), "128 frames,"),
        (Features(front_end="log-mel", options={"seconds": 4.0}, seconds=3.0), "401 frames,"),
    ],
    ids=["egemaps", "functionals", "zcr-mfcc", "resize", "option"],
)
def test_a_length_policy_without_effect_is_refused(features, frames):
    with pytest.raises(PluginError, match=rf"`seconds=3.0` has no effect, since every clip becomes {frames}"):
        front_ends.resolved(features)


FILE = """
from benchmark.features.front_end import FrontEnd

FRONT_END = FrontEnd(
    name="level",
    make=lambda hop, gain: lambda wave: gain * abs(wave[::hop, None]),
    options={"hop": 100, "gain": 2.0},
    frames=lambda samples, hop, gain: -(-samples // hop),
    macs=lambda samples, hop, gain: samples,
)
"""


def test_a_new_front_end_is_one_file(wave, tmp_path, monkeypatch):
    (tmp_path / "level.py").write_text(FILE)
    monkeypatch.setattr(front_ends, "__path__", [*front_ends.__path__, str(tmp_path)])
    front_ends.registry.cache_clear()
    try:
        features = Features(front_end="level", options={"gain": 3.0})
        np.testing.assert_array_equal(front_ends.compute(features, wave), 3 * abs(wave[::100, None]))
        assert front_ends.resolved(features)["options"] == {"hop": 100, "gain": 3.0}
        assert front_ends.identity(features)["version"] == 1
        assert (front_ends.frames(features, 2.0), front_ends.hop(features)) == (320, 100)
        assert (front_ends.used(features, 4.0), front_ends.macs(features, 500)) == (4.0, 500)
    finally:
        front_ends.registry.cache_clear()
        sys.modules.pop("benchmark.features.front_ends.level", None)


def test_every_front_end_declares_functions_that_take_its_options():
    for name, declared in front_ends.registry().items():
        features = Features(front_end=name)
        assert declared.name == name
        assert front_ends.frames(features, 1.0) >= 1
        assert front_ends.used(features, 1.0) <= 1.0
        assert (front_ends.hop(features) is None) == (front_ends.fixed(features) > 0)
        if declared.macs:
            assert front_ends.macs(features, 32_000) >= front_ends.macs(features, 16_000) >= 0


@pytest.mark.parametrize(
    ("features", "given", "used"),
    [
        (Features(front_end="mfcc"), 10.0, 10.0),
        (Features(front_end="mfcc", seconds=3.0), 10.0, 3.0),
        (Features(front_end="log-mel", options={"seconds": 4.0}), 3.0, 3.0),
        (Features(front_end="log-mel", options={"seconds": 4.0}), 10.0, 4.0),
        (Features(front_end="zcr-mfcc"), 10.0, 2.5),
        (Features(front_end="zcr-mfcc"), 1.0, 0.4),
        (Features(front_end="mfcc-22k"), 10.0, 130_000 / 22_050),
        (Features(front_end="mfcc-clipped"), 10.0, 3.0),
    ],
)
def test_how_much_of_a_clip_is_used(features, given, used):
    assert front_ends.used(features, given) == pytest.approx(used)
