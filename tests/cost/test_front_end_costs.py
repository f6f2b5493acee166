"""What front ends cost."""

import pytest
import torch
from torchaudio import transforms

from benchmark.cost import count, front_end_costs
from benchmark.features.front_ends import zcr_mfcc
from protocols.contract import Features

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


@pytest.mark.parametrize("seconds", [1.0, 3.0])
def test_a_front_ends_formula_is_what_counting_torchaudios_gives(seconds):
    wave = torch.zeros(round(seconds * 16000))
    spectrum = {"n_fft": 512, "hop_length": 160, "n_mels": 64}
    mfcc = transforms.MFCC(16000, 20, melkwargs=spectrum)
    counted = count.count(lambda: mfcc(wave))
    formula = front_end_costs.macs((Features(front_end="mfcc"),), len(wave))
    assert formula == pytest.approx(count.total(counted), abs=2)
    assert formula > 2e6 * seconds


def test_front_ends_that_are_not_pytorchs():
    assert front_end_costs.macs((Features(front_end="egemaps"),), 48_000) is None
    assert front_end_costs.macs((Features(front_end="wave"),), 48_000) == 0
    resampled = 2.4 * 22050 * zcr_mfcc.TAPS  # it uses 0.6 to 3.0 s
    assert front_end_costs.macs((Features(front_end="zcr-mfcc"),), 48_000) > resampled > 9e6


def test_stacked_front_ends_cost_their_sum_and_nothing_where_one_is_not_counted():
    mel, pitch = Features(front_end="log-mel"), Features(front_end="pitch")
    both = front_end_costs.macs((mel, pitch), 48_000)
    assert both == sum(front_end_costs.macs((one,), 48_000) for one in (mel, pitch))
    assert (
        front_end_costs.macs((Features(front_end="egemaps"), Features(front_end="compare")), 48_000) is None
    )
    assert front_end_costs.parameters((mel, pitch)) == 0
    assert front_end_costs.parameters((Features(front_end="speaker"),)) > 1e6
