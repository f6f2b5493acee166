"""BYOL-S: its input, its network by its definition, and what its weights give."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torchaudio import functional

from benchmark.cost import count, measure
from benchmark.features import encoders
from benchmark.features.front_ends import byol_s
from protocols.errors import WeightsError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")
needs_weights = pytest.mark.skipif(
    bool(encoders.missing(byol_s.ENCODER)), reason=encoders.missing(byol_s.ENCODER)
)


@pytest.fixture(scope="module")
def speech():
    return measure.speech(2.0)


def test_the_image_is_its_definition(speech):
    x = torch.from_numpy(speech)
    window = torch.hann_window(400)
    power = torch.stft(x, 1024, 160, 400, window, return_complex=True).abs() ** 2
    filters = functional.melscale_fbanks(513, 60.0, 7800.0, 64, 16_000)  # (bins, bands)
    log = torch.log(filters.T @ power + np.finfo(np.float32).eps)
    image = byol_s.image(speech)
    assert image.shape == (64, 201)
    torch.testing.assert_close(image, (log - log.mean()) / log.std(), atol=1e-4, rtol=1e-4)


def test_a_clips_level_changes_next_to_nothing(speech):
    loud, quiet = byol_s.image(speech), byol_s.image(speech / 10)
    assert (loud - quiet).abs().mean() < 0.05


def test_the_network_is_its_definition(speech):
    """Each frame by itself through the linear layers, bands before channels; then maximum and mean."""
    torch.manual_seed(0)
    network: Any = encoders.network(byol_s.ENCODER)
    given = byol_s.embedding(network)(speech)
    x = byol_s.image(speech)[None, None]
    for n in (0, 4, 8):
        convolution, norm = network["features"][n], network["features"][n + 1]
        x = nn.functional.max_pool2d(torch.relu(norm(convolution(x))), 2)
    first, second = network["fc"][0], network["fc"][3]
    frames = [torch.relu(second(torch.relu(first(x[0, :, :, t].T.reshape(-1))))) for t in range(x.shape[3])]
    expected = torch.stack(frames).amax(dim=0) + torch.stack(frames).mean(dim=0)
    assert len(frames) == 201 // 8
    torch.testing.assert_close(given[0], expected, atol=1e-5, rtol=1e-4)


def test_all_that_it_computes_is_counted():
    """On 3 s: 0.6 M parameters; convolutions, linear layers, mel filters, an FFT of each frame."""
    counted = count.count(encoders.without_weights(byol_s.ENCODER, 48_000))
    assert encoders.shape(byol_s.ENCODER) == (1, 512)
    assert encoders.parameters(byol_s.ENCODER) == 600_192
    assert counted["convolution"] == 9 * 64 * (64 * 301 + 64 * 32 * 150 + 64 * 16 * 75)
    assert counted["linear"] == 301 * 513 * 64 + 37 * 2 * 512 * 512
    assert counted["fft"] == pytest.approx(301 * 1.25 * 1024 * 10)


@pytest.mark.parametrize("wave", [np.ones(1, np.float32), np.zeros(20_000, np.float32)])
def test_short_and_silent_clips_have_an_answer(wave):
    given = byol_s.embedding(encoders.network(byol_s.ENCODER))(wave)
    assert given.shape == (1, 512)
    assert given.isfinite().all()


def test_another_file_is_refused(tmp_path):
    torch.save({}, tmp_path / byol_s.FILE)
    with pytest.raises(WeightsError, match=rf"{byol_s.FILE}: not the weights of BYOL-S 512\. Get it again\."):
        byol_s.read(tmp_path / byol_s.FILE)


def test_absent_weights_are_named_with_their_address_and_what_to_call_them(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_WEIGHTS", str(tmp_path))
    assert encoders.missing(byol_s.ENCODER) == (
        f"byol-s: its weights are not here. Download {byol_s.ADDRESS} as byols_default512.pth "
        f"into {tmp_path}, or name the folder that holds it in UNHEARD_WEIGHTS."
    )


@needs_weights
def test_with_its_weights_a_clip_is_like_a_quieter_copy_and_unlike_another(speech):
    front_end = encoders.front_end(byol_s.ENCODER)
    noise = np.random.default_rng(0).normal(0, 0.1, len(speech)).astype(np.float32)
    clip, quiet, other = (front_end(wave)[0] for wave in (speech, speech / 10, noise))
    assert np.corrcoef(clip, quiet)[0, 1] > 0.98
    assert np.corrcoef(clip, other)[0, 1] < 0.7
    assert (clip > 0).mean() > 0.5  # after ReLU: most channels answer
