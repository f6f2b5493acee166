"""Which front ends can be exported, and the one that goes beside a file."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

from benchmark.deployment import archive, refusal
from benchmark.features import front_ends
from protocols.contract import Features

SPEEDS = Features(front_end="functionals", options={"speeds": "1 0.8"})
ASK = """
import sys
sys.path.insert(0, sys.argv[1])
import numpy as np
import front_end
np.save(sys.argv[3], front_end.compute(np.load(sys.argv[2])))
foreign = {"torch", "librosa", "soundfile", "soxr", "sklearn", "optuna", "msgspec"} & set(sys.modules)
assert not foreign, foreign
"""


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("egemaps", "its front end egemaps is computed by opensmile; ONNX lacks parts of it"),
        ("pitch", "its front end pitch is computed by librosa; ONNX lacks parts of it"),
        ("mn04", "its front end mn04 is a pretrained encoder"),
        ("mn04-trained", "its front end mn04-trained is a pretrained encoder"),
    ],
)
def test_what_cannot_be_exported_is_named(name, message):
    assert message in refusal.of((Features(front_end="log-mel"), Features(front_end=name)))


def test_what_needs_an_archive_stands_alone():
    assert refusal.of((SPEEDS,)) == ""
    found = refusal.of((SPEEDS, Features(front_end="log-mel")))
    assert "its front end functionals is computed by librosa and scipy" in found


def test_an_archive_needs_numpy_and_scipy_alone(tmp_path):
    """Isolated, so that the project itself is not on the path."""
    file, wave, out = (tmp_path / name for name in ("front_end.zip", "wave.npy", "x.npy"))
    file.write_bytes(archive.of(SPEEDS))
    sound = np.random.default_rng(0).normal(scale=0.1, size=16_000).astype(np.float32)
    np.save(wave, sound)
    command = [sys.executable, "-I", "-c", ASK, file, wave, out]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    here = front_ends.compute(SPEEDS, sound)[None]
    np.testing.assert_allclose(np.load(out), here, rtol=1e-3, atol=1e-5)  # it may have other threads
    assert archive.of(SPEEDS) == file.read_bytes()


def test_an_archive_stands_beside_the_project(tmp_path, monkeypatch):
    file = tmp_path / "front_end.zip"
    file.write_bytes(archive.of(SPEEDS))
    monkeypatch.syspath_prepend(str(file))
    front_end = importlib.import_module("front_end")
    contours = importlib.import_module("front_end.benchmark.features.contours")
    assert front_end.compute(np.zeros(16_000, np.float32)).shape[:2] == (1, 2)
    assert str(file) in contours.__file__
    assert contours.spectrum is not importlib.import_module("benchmark.features.spectrum")
    importlib.import_module("protocols.contract")
