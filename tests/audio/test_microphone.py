"""A microphone, by a substitute for sounddevice: no test has one."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from benchmark.audio import microphone
from protocols.errors import DataError, UnheardError


class PortAudioError(Exception):
    pass


@pytest.fixture
def device(monkeypatch):
    """Puts a sounddevice in place that likes 48 kHz, and notes what it was asked for."""
    asked = {}

    def rec(frames, rate, **more):
        asked.update(more, frames=frames, rate=rate)
        return np.full((frames, 1), 0.25, np.float32)

    made = SimpleNamespace(
        rec=rec, query_devices=lambda **_: {"default_samplerate": 48_000.0}, PortAudioError=PortAudioError
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "sounddevice", made)
    return made, asked


def test_it_records_at_the_device_s_rate_and_gives_16_khz(device):
    sound = microphone.record(0.5)
    assert (sound.shape, sound.dtype) == ((8000,), np.float32)
    assert sound[4000] == pytest.approx(0.25, abs=1e-3)
    assert device[1] == {
        "frames": 24_000,
        "rate": 48_000,
        "channels": 1,
        "dtype": "float32",
        "blocking": True,
    }


def test_without_a_microphone(device):
    def query_devices(kind):
        raise PortAudioError(f"Error querying device -1 ({kind})")

    device[0].query_devices = query_devices
    with pytest.raises(DataError, match=r"--microphone: Error querying device -1 \(input\)\. Connect one"):
        microphone.record(1)


def test_without_sounddevice(monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(UnheardError, match=r"pip install 'unheard\[live\]'"):
        microphone.record(1)
