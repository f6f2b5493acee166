"""Folders, and kinds of files that another program reads."""

import shutil
import sys

import numpy as np
import pytest
import soundfile

from benchmark.audio import any_sound, reader
from protocols.errors import DataError

SOUND = np.random.default_rng(0).normal(scale=0.1, size=16_000).astype(np.float32)
M4A = b"\0\0\0\x1cftypM4A " + bytes(100)


@pytest.fixture
def ffmpeg(tmp_path, monkeypatch):
    """Puts a program of this name first, which writes a file's bytes, or fails with these words."""

    def put(gives=None, words=""):
        script = f"import sys; sys.stderr.write({words!r}); sys.exit({words!r} != '')"
        if gives:
            script = (
                "import sys, pathlib; assert 'file:' + str(pathlib.Path('a.m4a').absolute()) in sys.argv; "
                f"sys.stdout.buffer.write(pathlib.Path({str(gives)!r}).read_bytes())"
            )
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin/script.py").write_text(script)
        program = tmp_path / "bin/ffmpeg"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {tmp_path}/bin/script.py "$@"\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}/bin")

    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.m4a").write_bytes(M4A)
    return put


def test_a_folder_stands_for_the_audio_files_in_it(tmp_path):
    for name in ("b.wav", "a/c.M4A", "a/d.txt", "a/._c.m4a", "e.ogg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "none").mkdir()
    (tmp_path / "f.wav").mkdir()
    named = [tmp_path / "e.ogg", tmp_path, tmp_path / "none", tmp_path / "absent.wav"]
    found = [path.relative_to(tmp_path).as_posix() for path in any_sound.files(named)]
    assert found == ["e.ogg", "a/c.M4A", "b.wav", "none", "absent.wav"]
    with pytest.raises(DataError, match=r"is a folder without audio files \(\.3gp, "):
        any_sound.read(tmp_path / "none")


def test_what_the_suite_reads_goes_through_no_other_program(tmp_path, ffmpeg):
    ffmpeg(words="never")
    soundfile.write(tmp_path / "a.wav", SOUND, 16_000, subtype="FLOAT")
    np.testing.assert_array_equal(any_sound.read(tmp_path / "a.wav"), SOUND)


@pytest.mark.skipif(not shutil.which("sh"), reason="the program is a script")
def test_m4a_is_read_by_ffmpeg(tmp_path, ffmpeg):
    soundfile.write(tmp_path / "made.wav", SOUND, 16_000, subtype="FLOAT")
    ffmpeg(gives=tmp_path / "made.wav")
    np.testing.assert_array_equal(any_sound.read((tmp_path / "a.m4a").absolute()), SOUND)


@pytest.mark.skipif(not shutil.which("sh"), reason="the program is a script")
def test_what_ffmpeg_cannot_read_has_its_words(tmp_path, ffmpeg):
    ffmpeg(words="one\nmoov atom not found")
    with pytest.raises(DataError, match=r"cannot be read by ffmpeg \(moov atom not found\)\. Get it again"):
        any_sound.read(tmp_path / "a.m4a")


@pytest.mark.parametrize("name", ["a.m4a", "b.wav"])
def test_without_ffmpeg_a_message_says_what_to_do(tmp_path, monkeypatch, name):
    monkeypatch.setenv("PATH", "")
    (tmp_path / "a.m4a").write_bytes(M4A)
    soundfile.write(tmp_path / "b.wav", SOUND, 16_000, subtype="ULAW")
    with pytest.raises(
        DataError, match=r"which is not read here\. Convert it: .*\.wav; or install ffmpeg, and"
    ):
        any_sound.read(tmp_path / name)


def test_a_recording_may_be_longer_than_a_clip(tmp_path, monkeypatch):
    monkeypatch.setattr(reader, "LONGEST", 0.5)
    soundfile.write(tmp_path / "a.wav", SOUND, 16_000)
    assert len(any_sound.read(tmp_path / "a.wav", recording=True)) == len(SOUND)
    with pytest.raises(DataError, match=r"it is 1 s long; at most 0 are read"):
        any_sound.read(tmp_path / "a.wav")
