"""The speaker encoder: the windows, levels and embeddings of its package, and the probe on it."""

import importlib.util
import sys
from types import ModuleType

import numpy as np
import pytest

from baselines.embedding_probes import SpeakerProbe
from benchmark.features import encoders
from benchmark.features.front_ends import speaker
from protocols.contract import ClipBatch
from protocols.errors import WeightsError

needs_resemblyzer = pytest.mark.skipif(
    importlib.util.find_spec("resemblyzer") is None, reason="the package resemblyzer is not installed"
)


def speech(samples, seed=0):
    return (0.1 * np.random.default_rng(seed).normal(size=samples)).astype(np.float32)


def test_without_resemblyzer_the_cure_is_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    assert encoders.missing(speaker.ENCODER) == (
        "speaker: the package resemblyzer, whose wheel carries the weights, is not installed. Run "
        '"pip install --no-deps resemblyzer==0.1.4" (nothing that it depends on is needed here).'
    )
    with pytest.raises(WeightsError, match="pip install --no-deps"):
        encoders.front_end(speaker.ENCODER)


def test_a_package_with_other_weights_is_refused(tmp_path, monkeypatch):
    package = tmp_path / "resemblyzer"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "pretrained.pt").write_bytes(b"something else")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "resemblyzer", raising=False)  # the real one
    assert encoders.missing(speaker.ENCODER) == ""
    with pytest.raises(WeightsError, match=r"pretrained.pt: not the weights of resemblyzer 0.1.4"):
        encoders.front_end(speaker.ENCODER)


def test_windows_are_the_packages():
    """Worked out again from the words of `compute_partial_slices`, at its default rate and coverage."""
    for samples in [1, 160, 12_000, 25_599, 25_600, 32_000, 37_119, 37_120, 48_000, 160_000]:
        last = max(0, -(-(samples + 1) // 160) - 160 + 77)  # the frame after which no window begins
        starts = [start for start in range(last + 1) if start % 77 == 0]
        if len(starts) > 1 and (samples - starts[-1] * 160) / 25_600 < 0.75:
            del starts[-1]
        assert speaker.windows(samples) == starts


def test_quiet_clips_are_raised_and_loud_ones_left():
    quiet, loud = speech(16_000) / 100, speech(16_000) * 3
    np.testing.assert_allclose(20 * np.log10(speaker.loud(quiet).std()), -30, atol=0.01)
    np.testing.assert_array_equal(speaker.loud(loud), loud)
    np.testing.assert_array_equal(speaker.loud(np.zeros(9, np.float32)), np.zeros(9))


@needs_resemblyzer
@pytest.mark.filterwarnings("ignore:.*scipy.ndimage:DeprecationWarning")
@pytest.mark.parametrize("samples", [1, 9_000, 40_000, 48_000, 100_000])
def test_the_embedding_is_the_packages(samples, monkeypatch):
    monkeypatch.setitem(sys.modules, "webrtcvad", ModuleType("webrtcvad"))  # it only cuts out silence
    resemblyzer = pytest.importorskip(
        "resemblyzer", reason="resemblyzer cannot be imported", exc_type=ImportError
    )
    wave = speech(samples, seed=samples) * np.hanning(samples + 2)[1:-1].astype(np.float32) / 20
    louder = resemblyzer.normalize_volume(wave, -30, increase_only=True)
    expected = resemblyzer.VoiceEncoder("cpu", verbose=False).embed_utterance(louder.astype(np.float32))
    given = encoders.front_end(speaker.ENCODER)(wave)
    assert given.shape == (speaker.ENCODER.frames, 256)
    assert np.linalg.norm(given) == pytest.approx(1)
    np.testing.assert_allclose(given[0], expected, atol=1e-5)


@needs_resemblyzer
def test_silence_has_an_embedding():
    assert np.isfinite(encoders.front_end(speaker.ENCODER)(np.zeros(20_000, np.float32))).all()


def test_the_speaker_probe_learns_what_is_linear():
    def voices(seed):
        rng = np.random.default_rng(seed)
        x = np.abs(rng.normal(size=(60, 1, 256))).astype(np.float32)
        labels = np.arange(60) % 3
        x[:, 0, :60] += 3 * (np.arange(60) // 20 == labels[:, None])  # each class has its 20 channels
        return ClipBatch(list(x / np.linalg.norm(x, axis=2, keepdims=True)), labels)

    model = SpeakerProbe(3, seed=0, **SpeakerProbe.defaults)
    model.fit(voices(1))
    test = voices(2)
    assert (model.predict_proba(ClipBatch(test.inputs)).argmax(axis=1) == test.labels).mean() > 0.9
    assert SpeakerProbe.features(SpeakerProbe.defaults).front_end == "speaker"
