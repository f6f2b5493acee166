"""torchaudio's numbers are librosa's; every front end gives finite numbers for the worst of clips."""

import sys
import warnings
from dataclasses import replace

import numpy as np
import pytest
from front_end_cases import IMAGE, KINDS

from benchmark.features import front_ends
from protocols.contract import Features
from protocols.errors import PluginError

RATE = 16_000


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
