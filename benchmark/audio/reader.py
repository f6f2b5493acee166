"""Reads a clip: any container, rate and number of channels in, 16 kHz mono out; refuses what is not whole."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile
import soxr

from protocols.errors import DataError

RATE = 16_000  # Hz
SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3")
POINTER = b"version https://git-lfs.github.com/spec/v1"  # how a file begins that Git LFS has not fetched
STREAMED = 0x7FFF0000  # from here on (SoX; FFmpeg 0xFFFFFFFF) a WAV's length means: written into a pipe
LONGEST = 2**32  # frames; a FLAC that was written into a pipe does not say how many it has
LAST_PAGE = 0x04  # the flag of an Ogg stream's last page


def read(path: Path) -> np.ndarray:
    """The clip as (samples,) float32, mono, 16 kHz, whatever the file's name says its container is.

    Channels are averaged, then resampled by soxr "HQ". Raises DataError, naming the file, if it is empty,
    cut short, not audio, a Git LFS pointer, without samples, or has samples that are not finite.
    """
    try:
        return decode(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}. Check the file.") from error
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def decode(data: bytes) -> np.ndarray:
    """What `read` does, from a file's bytes; DataError says why not, without a name."""
    if not data:
        raise DataError("the file is empty (zero bytes). Get it again.")
    if data.startswith(POINTER):
        raise DataError("is a Git LFS pointer, not audio. Run `git lfs pull` where it was cloned.")
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            declared, rate = file.frames, file.samplerate
            if declared > LONGEST:
                raise DataError("does not say how long it is (written into a pipe?). Write it to a file.")
            sound = file.read(dtype="float32", always_2d=True)  # (frames, channels)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise DataError(f"is not audio that can be read ({_why(error)}). Get it again.") from error
    if len(sound) < declared or cut_short(data):
        raise DataError("is cut short: it ends before its header says. Get it again.")
    if not np.isfinite(sound).all():
        raise DataError("has samples that are NaN or infinite. Get it again.")
    mono = sound.mean(axis=1, dtype=np.float32)  # (frames,)
    mono = mono if rate == RATE or not len(mono) else soxr.resample(mono, rate, RATE, quality="HQ")
    if not len(mono):
        raise DataError("has no samples. Get it again.")
    return np.ascontiguousarray(mono, dtype=np.float32)


def _why(error: Exception) -> str:
    """libsndfile's own words, without the object that soundfile read from."""
    return str(getattr(error, "error_string", error)).rstrip(".")


def cut_short(data: bytes) -> bool:
    """Whether a WAV, AIFF or Ogg file stops early; libsndfile reads those without a word."""
    if data[:4] == b"OggS":
        last = data.rfind(b"OggS")
        lengths = data[last + 27 : last + 27 + data[last + 26]] if last + 27 <= len(data) else b""
        whole = last + 27 + len(lengths) + sum(lengths) <= len(data)
        return not (whole and lengths and data[last + 5] & LAST_PAGE)
    if data[:4] == b"RIFF":
        return _chunk_is_short(data, b"data", order="little")
    return data[:4] == b"FORM" and data[8:11] == b"AIF" and _chunk_is_short(data, b"SSND", order="big")


def _chunk_is_short(data: bytes, wanted: bytes, *, order: Literal["little", "big"]) -> bool:
    at = 12  # "RIFF", size, "WAVE"; the size is not looked at, since sloppy writers get it wrong
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], order)
        if data[at : at + 4] == wanted:
            return length < STREAMED and at + 8 + length > len(data)
        at += 8 + length + length % 2  # chunks begin at even offsets
    return True  # the sound itself never began
