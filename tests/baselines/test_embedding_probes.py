"""Probes on small encoders: which, and what their pages say."""

import pytest

from baselines.embedding_probes import ByolSProbe, Mn04Probe, SpeakerProbe
from benchmark.features import encoders, front_ends
from benchmark.features.front_ends import byol_s, mn04, speaker

ENCODERS = {SpeakerProbe: speaker.ENCODER, Mn04Probe: mn04.ENCODER, ByolSProbe: byol_s.ENCODER}


@pytest.mark.parametrize("probe", ENCODERS)
def test_a_probe_names_its_encoder_and_what_that_has_learnt_from(probe):
    assert front_ends.encoder_of(probe.features(probe.defaults)) == ENCODERS[probe]
    assert probe.info.summary.startswith(f"{encoders.shape(ENCODERS[probe])[1]} values of a frozen")
    assert probe.info.pretraining


def test_what_mn04_cannot_hear_is_on_its_page():
    assert "nothing above 8 kHz" in Mn04Probe.info.summary
