"""The index of what was read of files: found again whole, or made anew."""

import hashlib
import os
import sys
from pathlib import PurePosixPath

import pytest

from benchmark.corpora import file_index
from benchmark.storage import files

PATH = PurePosixPath("a.wav")
SHA256 = hashlib.sha256(b"no audio").hexdigest().encode()


@pytest.fixture
def examined(tmp_path, monkeypatch):
    """Examines a folder of one file, which is no audio; gives the facts, and how often a file was read."""
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / PATH).write_bytes(b"no audio")
    read, facts_of = [], file_index.facts_of
    monkeypatch.setattr(file_index, "facts_of", lambda path: read.append(path) or facts_of(path))
    return lambda: (file_index.examine(tmp_path / "data", [PATH])[PATH], len(read))


def test_what_is_known_is_not_read_again(examined):
    assert examined() == examined()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data.replace(b"facts", b"facta"),
        lambda data: data.replace(SHA256, SHA256[::-1]),
        lambda data: data[:-1],
        lambda data: data.partition(b"\n")[2],  # as earlier versions wrote it
        lambda data: b"",  # noqa: ARG005
        lambda data: files.sealed(b'{"a":' * 10**6),  # noqa: ARG005
        lambda data: files.sealed(b'{"version": "0", "facts": {}}'),  # noqa: ARG005
    ],
)
def test_a_damaged_index_is_made_anew(examined, tmp_path, damage):
    facts, _ = examined()
    (index,) = (tmp_path / "cache" / "files").iterdir()
    whole = index.read_bytes()
    index.write_bytes(damage(whole))
    assert index.read_bytes() != whole
    assert examined() == (facts, 2)
    assert index.read_bytes() == whole


def test_a_name_that_is_not_utf_8_is_read_each_time_and_stops_nothing(examined, tmp_path, monkeypatch):
    odd = PurePosixPath(os.fsdecode(b"\xff.wav"))
    (tmp_path / "data" / odd).write_bytes(b"no audio")
    monkeypatch.setattr(sys.modules[__name__], "PATH", odd)
    facts, read = examined()
    assert "not audio" in facts.problem
    assert examined() == (facts, read + 1)
