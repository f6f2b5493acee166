"""Filters of the network that ONNX holds, beside those of the front end."""

import pytest
import torch

from benchmark.features import mel, mel_network


@pytest.mark.parametrize(("n_fft", "n_mels"), [(512, 40), (512, 64), (1024, 128)])
def test_filters_are_those_of_the_front_end(n_fft, n_mels):
    wanted = mel._filters(n_fft, n_mels)
    given = mel_network.Mel(n_fft=n_fft, hop=160, n_mels=n_mels).filters()
    torch.testing.assert_close(given, wanted, rtol=0, atol=4e-7 * float(wanted.max()))
