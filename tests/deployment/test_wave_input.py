"""The front ends as networks give what the engine gives a model, whatever the clip's length."""

import numpy as np
import pytest
import torch
from front_end_cases import IMAGE

from benchmark.deployment.wave_input import WaveInput
from benchmark.features import feature_store
from protocols.contract import Features

RATE = 16_000
STEP = 1 / 16  # dB: how coarse the engine's 16 bits are below -64 dB
SHORT = {**IMAGE, "seconds": 1.0, "resize": 32}
CASES = {
    "frames": Features(front_end="log-mel"),
    "of one length, without level": Features(
        front_end="log-mel", options={"n_mels": 40, "hop": 320}, seconds=1.0, level="removed"
    ),
    "image": Features(front_end="log-mel", options=SHORT),
    "cepstra and slopes": Features(front_end="mfcc", options={"deltas": 2}),
    "cepstra without level": Features(front_end="mfcc", seconds=1.0, level="removed"),
    "functionals": Features(
        front_end="mfcc", options={"deltas": 1}, functionals=("mean", "std", "min", "max")
    ),
}


@pytest.mark.parametrize("samples", [1, 7000, 40_000])
@pytest.mark.parametrize("features", CASES.values(), ids=CASES)
def test_it_is_what_a_model_is_given(features, samples):
    wave = np.random.default_rng(0).normal(scale=0.1, size=samples).astype(np.float32)
    wave[: samples // 3] *= 0.001
    expected = feature_store.clips((features,), [wave])
    x, lengths = (part.numpy() for part in WaveInput((features,))(torch.from_numpy(wave)))
    wanted, frames = expected.batch()
    assert x.shape == wanted.shape
    np.testing.assert_array_equal(lengths, frames)
    np.testing.assert_allclose(x, wanted, atol=STEP)
    assert np.abs(x - wanted).mean() < STEP / 20
