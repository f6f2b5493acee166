"""What front ends cost, and how much of a clip they hear."""

import numpy as np
import pytest
import torch
from torchaudio import transforms

from benchmark.cost import count, front_end_costs
from protocols.contract import Features

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


@pytest.mark.parametrize("seconds", [1.0, 3.0])
def test_a_front_ends_formula_is_what_counting_torchaudios_gives(seconds):
    wave = torch.zeros(round(seconds * 16000))
    spectrum = {"n_fft": 512, "hop_length": 160, "n_mels": 64}
    mfcc = transforms.MFCC(16000, 20, melkwargs=spectrum)
    counted = count.count(lambda: mfcc(wave))
    formula = front_end_costs.macs(Features(front_end="mfcc"), wave.numpy())
    assert formula == pytest.approx(count.total(counted), abs=2)
    assert formula > 2e6 * seconds


def test_front_ends_that_are_not_pytorchs():
    wave = np.zeros(48000, np.float32)
    assert front_end_costs.macs(Features(front_end="egemaps"), wave) is None
    assert front_end_costs.macs(Features(front_end="wave"), wave) == 0
    resampled = 2.4 * 22050 * front_end_costs.TAPS  # it hears from 0.6 to 3.0 s
    assert front_end_costs.macs(Features(front_end="zcr-mfcc"), wave) > resampled > 9e6


@pytest.mark.parametrize(
    ("features", "given", "heard"),
    [
        (Features(front_end="mfcc"), 10.0, 10.0),
        (Features(front_end="mfcc", seconds=3.0), 10.0, 3.0),
        (Features(front_end="log-mel", options={"seconds": 4.0}), 3.0, 3.0),
        (Features(front_end="log-mel", options={"seconds": 4.0}), 10.0, 4.0),
        (Features(front_end="zcr-mfcc"), 10.0, 2.5),
        (Features(front_end="zcr-mfcc"), 1.0, 0.4),
    ],
)
def test_how_much_of_a_clip_is_heard(features, given, heard):
    assert front_end_costs.heard(features, given) == pytest.approx(heard)
