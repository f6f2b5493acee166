"""What front ends cost."""

import pytest
import torch
from torchaudio import functional, transforms

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


@pytest.mark.parametrize("deltas", [1, 2])
def test_deltas_cost_what_counting_torchaudios_gives(deltas):
    def macs(deltas):
        return front_end_costs.macs((Features(front_end="mfcc", options={"deltas": deltas}),), 48_000)

    cepstra = torch.zeros(20, 301)
    counted = count.total(count.count(lambda: functional.compute_deltas(cepstra)))
    assert macs(deltas) - macs(0) == deltas * counted == deltas * 20 * 301 * 5


def test_front_ends_that_are_not_pytorchs():
    assert front_end_costs.macs((Features(front_end="egemaps"),), 48_000) is None
    assert front_end_costs.macs((Features(front_end="wave"),), 48_000) == 0


def test_what_is_resampled_costs_its_taps_and_its_cepstra():
    samples = 52_920  # 0.6 to 3.0 s at 22.05 kHz
    frames = 1 + samples // 512
    cepstra = frames * (1.25 * 2048 * 11 + 1025 * 128 + 128 * zcr_mfcc.N_MFCC)
    found = front_end_costs.macs((Features(front_end="zcr-mfcc"),), 48_000)
    assert found == pytest.approx(samples * zcr_mfcc.TAPS + cepstra, abs=1)


@pytest.mark.parametrize("samples", [16_000, 48_000])
def test_a_front_end_that_brings_clips_to_one_length_costs_the_same_for_all(samples):
    own, any_length = (Features(front_end="log-mel", options=of) for of in ({"seconds": 2.0}, {}))
    assert front_end_costs.macs((own,), samples) == front_end_costs.macs((any_length,), 32_000)


def test_stacked_front_ends_cost_their_sum_and_nothing_where_one_is_not_counted():
    mel, pitch = Features(front_end="log-mel"), Features(front_end="pitch")
    both = front_end_costs.macs((mel, pitch), 48_000)
    assert both == sum(front_end_costs.macs((one,), 48_000) for one in (mel, pitch))
    assert (
        front_end_costs.macs((Features(front_end="egemaps"), Features(front_end="compare")), 48_000) is None
    )
    assert front_end_costs.parameters((mel, pitch)) == 0
    assert front_end_costs.parameters((Features(front_end="speaker"),)) > 1e6
