"""Sound from outside the corpora: files in folders, and of kinds that ffmpeg reads where it is installed."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmark.audio import containers, reader
from benchmark.audio.reader import UnreadError
from protocols.errors import DataError

SUFFIXES = {*reader.SUFFIXES, *(f".{suffix}" for _, _, suffix in containers.UNREAD)}


def files(named: Sequence[Path]) -> list[Path]:
    """Each file that is named, and in the place of a folder the audio files anywhere in it, by name.

    Each is there once. A folder without any stays, as what cannot be read.
    """
    found = (file for path in named for file in (_inside(path) if path.is_dir() else [path]))
    return list(dict.fromkeys(found))


def _inside(folder: Path) -> list[Path]:
    found = [
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    ]
    return sorted(found) or [folder]


def read(path: Path, *, recording: bool = False) -> np.ndarray:
    """The sound as (samples,) float32, mono, 16 kHz; DataError says why not, without a name.

    `recording`: it may be as long as an hour.
    """
    if path.is_dir():
        raise DataError(f"is a folder without audio files ({', '.join(sorted(SUFFIXES))}).")
    try:
        return reader.decode(reader.load(path, recording=recording), recording=recording)
    except UnreadError as error:
        return reader.decode(_by_ffmpeg(path, error), recording=recording)


def _by_ffmpeg(path: Path, why: UnreadError) -> bytes:
    """The first sound track as a WAV file; of what is too long, enough for the reader to refuse it."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise DataError(f"{why}; or install ffmpeg, and it is read as it is.") from why
    source = ["-protocol_whitelist", "file", "-i", f"file:{path}", "-map", "0:a:0"]
    wanted = ["-t", str(reader.LONGEST_RECORDING + 1), "-c:a", "pcm_f32le", "-f", "wav", "-"]
    command = [program, "-nostdin", "-v", "error", *source, *wanted]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode or not done.stdout:
        words = done.stderr.decode(errors="replace").strip().splitlines() or ["no word of why"]
        raise DataError(f"cannot be read by ffmpeg ({words[-1]}). Get it again.") from why
    return done.stdout
