"""mn04: its input and its size are the published ones, and it takes speech for speech."""

import functools
from typing import Any

import numpy as np
import pytest
import torch
from scipy import signal
from torch.nn import functional
from torchaudio.compliance import kaldi

from benchmark.audio import reader
from benchmark.cost import count, measure
from benchmark.features import encoders, mobilenet, weights_file
from benchmark.features.front_ends import mn04
from protocols.errors import WeightsError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")
needs_weights = pytest.mark.skipif(
    bool(encoders.missing(mn04.ENCODER)), reason=encoders.missing(mn04.ENCODER)
)
HEAD = 384 * 512 + 512 + 512 * 527 + 527  # numbers of the published classifier, which is not used here


def published_image(wave):
    """(samples,) at 32 kHz -> (bands, frames), as the paper and its public code have it."""
    x = torch.from_numpy(wave)
    window = torch.hann_window(800, periodic=False)
    power = torch.stft(x[1:] - 0.97 * x[:-1], 1024, 320, 800, window, return_complex=True).abs() ** 2
    filters, _ = kaldi.get_mel_banks(128, 1024, 32_000.0, 0.0, 15_000.0, 100.0, -500.0, 1.0)
    return (torch.log(functional.pad(filters, (0, 1)) @ power + 1e-5) + 4.5) / 5


def test_the_image_from_16_khz_is_the_published_one_at_32_khz():
    noise = np.random.default_rng(0).normal(size=32_000)
    low = signal.sosfilt(signal.butter(12, 6000, fs=16_000, output="sos"), noise)  # nothing near 8 kHz
    wave = (0.1 * low * signal.windows.tukey(len(low))).astype(np.float32)
    theirs = published_image(signal.resample(wave, 64_000))
    ours = mn04.image(wave)[:, :200]  # without its first sample theirs has a frame less
    assert theirs.shape == (128, 200)
    assert ours.std() > 0.5
    assert (ours - theirs).abs().mean() < 0.005
    assert (ours - theirs).abs().max() < 0.1  # theirs is later by half a sample


def test_it_has_the_published_size():
    """0.983 M parameters and 0.11 G MACs on 10 s, says the table of the authors' repository."""
    assert (encoders.parameters(mn04.ENCODER) + HEAD) // 1000 == 983
    network, image = mobilenet.Embedding().eval(), torch.zeros(1, 1, 128, 1001)
    assert round(count.total(count.count(lambda: network(image))) / 1e9, 2) == 0.11


def test_all_that_it_computes_is_counted():
    """On 3 s: the network, mel filters of 257 bins, and an FFT of 512 numbers for each frame."""
    counted = count.count(encoders.without_weights(mn04.ENCODER, 48_000))
    assert counted["fft"] == 301 * 1.25 * 512 * 9
    assert counted["linear"] > 301 * 257 * 128
    assert 33e6 < counted["convolution"] < 34e6


@pytest.mark.parametrize("wave", [np.ones(1, np.float32), np.zeros(20_000, np.float32)])
def test_short_and_silent_clips_have_an_image(wave):
    assert mn04.image(wave).isfinite().all()


def test_another_file_is_refused(tmp_path):
    torch.save({}, tmp_path / mn04.FILE)
    with pytest.raises(WeightsError, match=rf"{mn04.FILE}: not the weights of mn04\. Get it again\."):
        mn04.read(tmp_path / mn04.FILE)


def test_absent_weights_are_named_with_their_address(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_WEIGHTS", str(tmp_path))
    assert encoders.missing(mn04.ENCODER) == (
        "mn04: its weights are not here. Download "
        "https://github.com/fschmid56/EfficientAT/releases/download/v0.0.1/mn04_as_mAP_432.pt "
        f"into {tmp_path}, or name the folder that holds it in UNHEARD_WEIGHTS."
    )


@functools.cache
def published_head():
    state = weights_file.read(weights_file.path(mn04.ENCODER.weights))
    return [(state[f"classifier.{n}.weight"], state[f"classifier.{n}.bias"]) for n in (2, 5)]


def loudest_class(wave):
    """The place, among the 527 of AudioSet, of what the published classifier says; speech is the first."""
    embedding = torch.from_numpy(encoders.front_end(mn04.ENCODER)(wave))
    hidden, last = published_head()
    logits = functional.linear(functional.hardswish(functional.linear(embedding, *hidden)), *last)
    return int(logits.argmax())


@needs_weights
def test_the_published_classifier_takes_speech_for_speech_and_noise_for_something_else(real_data):
    clips = sorted((real_data / "emodb" / "wav").iterdir())[::100]
    assert [loudest_class(reader.read(clip)) for clip in clips] == [0] * len(clips)
    assert loudest_class(np.random.default_rng(0).normal(0, 0.1, 48_000).astype(np.float32)) != 0


@needs_weights
def test_the_embedding_is_the_mean_of_what_the_network_gives():
    wave = measure.speech(1.0)
    network: Any = encoders.network(mn04.ENCODER)
    network.load_state_dict(mn04.read(weights_file.path(mn04.ENCODER.weights)))
    with torch.inference_mode():
        expected = network.features(mn04.image(wave)[None, None]).mean(dim=(2, 3))
    np.testing.assert_allclose(encoders.front_end(mn04.ENCODER)(wave), expected, atol=1e-6)
