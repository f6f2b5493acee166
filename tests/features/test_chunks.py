"""A clip that a front end fails on is named, also after the error's way from a worker."""

import pickle

import numpy as np
import pytest
import soundfile

from benchmark.compute import executor
from benchmark.features import chunks, front_ends
from protocols.contract import Features
from protocols.errors import DataError


@pytest.fixture
def chunk(tmp_path):
    paths = [tmp_path / f"{name}.wav" for name in ("a", "b")]
    for path in paths:
        soundfile.write(path, np.full(1600, 0.1 if path.stem == "a" else 0.2), 16_000)
    return chunks.Chunk(Features(front_end="wave"), 0, "", ["a", "b"], paths, tmp_path / "home", 0)


def test_a_front_end_s_error_names_the_clip(chunk, monkeypatch):
    def fails(_, wave):
        if wave[0] > 0.15:
            raise ValueError("no such frame")
        return wave[:, None]

    monkeypatch.setattr(front_ends, "compute", fails)
    with pytest.raises(ValueError, match="no such frame") as caught:
        chunks.compute([chunk])
    words = executor.error_text(pickle.loads(pickle.dumps(caught.value)))
    assert f"The clip is {chunk.paths[1]}." in words
    assert not chunk.out.exists()


def test_a_file_that_is_no_audio_any_more_is_named(chunk):
    chunk.paths[1].write_bytes(b"")
    with pytest.raises(DataError, match=r"b\.wav: the file is empty"):
        chunks.compute([chunk])
