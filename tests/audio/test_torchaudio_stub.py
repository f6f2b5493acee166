"""torchaudio can be imported beside a CPU-only torch, and only its compiled extension is replaced."""

import importlib.util
import subprocess
import sys

import pytest

SCRIPT = """
import sys
from benchmark.audio import torchaudio_stub
torchaudio_stub.install()
torchaudio_stub.install()
assert not {"torch", "torchaudio"} & set(sys.modules), "it imports neither"
assert sum(type(finder).__name__ == "_Stub" for finder in sys.meta_path) == 1
"""


def run(script):
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT + script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_torchaudio_works_after_it():
    out = run("import torch, torchaudio; print(torchaudio.transforms.Spectrogram()(torch.zeros(800)).shape)")
    assert "torch.Size([201, 5])" in out


def test_nothing_else_is_replaced():
    run("import json.decoder, torchaudio.functional; assert torchaudio.functional.__file__")


@pytest.mark.skipif(importlib.util.find_spec("transformers") is None, reason="transformers is not installed")
def test_a_library_that_looks_for_torchaudio_can_be_imported():
    run("from transformers import Wav2Vec2Model")
