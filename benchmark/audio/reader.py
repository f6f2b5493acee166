"""Reads a clip: any container, rate and number of channels in, 16 kHz mono out; refuses what is not whole.

A header is not believed: what it claims is bounded before anything is allocated, and sound is read in blocks.
"""

from __future__ import annotations

import io
import stat
from pathlib import Path

import numpy as np
import soundfile
import soxr

from benchmark.audio import containers
from protocols.errors import DataError

RATE = 16_000  # Hz
SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3")
CONTAINERS = ("WAV", "WAVEX", "AIFF", "FLAC", "OGG", "MP3")  # as soundfile calls them
CODECS = ("PCM_", "FLOAT", "DOUBLE", "VORBIS", "OPUS", "MPEG_LAYER_")  # how those begin that are read
LARGEST = 2**28  # bytes of a file
LONGEST = 600  # seconds at up to 48 kHz, fewer beyond; a clip has a few
LARGEST_RECORDING, LONGEST_RECORDING = 2**30, 3600  # of what is looked at window by window
UNKNOWN = 2**32  # frames; a FLAC that was written into a pipe does not say how many it has
RATES = (4_000, 192_000)  # Hz, the lowest and the highest that speech is recorded at
LOUDEST = 100.0  # full scale is 1; a sum or a square of what is far beyond it becomes infinite, or wraps
BLOCK = 2**18  # samples that are decoded at a time


class UnreadError(DataError):
    """Sound in a container or a codec that is not read here, and that another program may read."""


def read(path: Path) -> np.ndarray:
    """The clip as (samples,) float32, mono, 16 kHz, whatever the file's name says its container is.

    Channels are averaged, then resampled by soxr "HQ". Raises DataError, naming the file, if it is no plain
    file, empty, cut short, not audio, of a codec that is not read, a Git LFS pointer, without samples, too
    long or too large, or has a header or samples that cannot be.
    """
    try:
        return decode(load(path))
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


def load(path: Path, *, recording: bool = False) -> bytes:
    """A file's bytes; DataError says why not, without a name. `recording`: it may be larger than a clip."""
    largest = LARGEST_RECORDING if recording else LARGEST
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise DataError("is a folder. Name the audio files in it.")
        if not stat.S_ISREG(found.st_mode):  # a device or a pipe may have no end
            raise DataError("is a device or a pipe, not a file. Write the sound to a file.")
        if found.st_size > largest:
            raise DataError(f"is larger than {largest >> 20} MiB, and a clip is not. Cut it into clips.")
        with path.open("rb") as file:
            return file.read(found.st_size)
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}. Check the file.") from error


def decode(data: bytes, *, recording: bool = False) -> np.ndarray:
    """What `read` does, from a file's bytes; DataError says why not, without a name.

    UnreadError where another program may. `recording`: it may be longer than a clip.
    """
    _refuse(containers.kind_problem(data))
    if suffix := containers.unread(data):
        raise UnreadError(f"is {suffix}, which is not read here. {containers.converted(suffix)}")
    data = containers.without_tag(data)
    try:
        with _Forward(_Bytes(data)) as file:
            _refuse_codec(file)
            _refuse(_header_problem(file, LONGEST_RECORDING if recording else LONGEST))
            declared, rate = file.frames, file.samplerate
            mono = _mixed(file)
    except (soundfile.LibsndfileError, RuntimeError) as error:
        raise DataError(f"is not audio that can be read ({_why(error)}). Get it again.") from error
    _refuse(containers.header_problem(data) or containers.SHORT * (len(mono) < declared))
    mono = mono if rate == RATE or not len(mono) else soxr.resample(mono, rate, RATE, quality="HQ")
    _refuse("" if len(mono) else "has no samples. Get it again.")
    return np.ascontiguousarray(mono, dtype=np.float32)


class _Forward(soundfile.SoundFile):
    """Is read from its beginning to its end: seeking after each block could change what a codec gives."""

    def seekable(self) -> bool:
        return False


class _Bytes(io.BytesIO):
    """libsndfile seeks before the beginning of some damaged files; an error there would print a traceback."""

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            return super().seek(offset, whence)
        except ValueError:
            return super().seek(0)


def _refuse(problem: str) -> None:
    if problem:
        raise DataError(problem)


def _refuse_codec(file: soundfile.SoundFile) -> None:
    if file.format not in CONTAINERS or not file.subtype.startswith(CODECS):
        what = f"{file.subtype_info} in {file.format_info}"
        raise UnreadError(f"is {what}, which is not read here. {containers.converted('wav')}")


def _header_problem(file: soundfile.SoundFile, longest: int) -> str:
    """Why what a header claims cannot be; "" where it can."""
    if file.frames > UNKNOWN:
        return "does not say how long it is (written into a pipe?). Write it to a file."
    if not RATES[0] <= file.samplerate <= RATES[1]:
        between = f"{RATES[0]} to {RATES[1]}"
        return f"says that it has {file.samplerate} samples a second, not {between}. Get it again."
    most = longest * min(1, 48_000 / file.samplerate)
    if (seconds := file.frames / file.samplerate) > most:
        return f"says that it is {seconds:.0f} s long; at most {most:.0f} are read. Cut it, or get it again."
    return ""


def _mixed(file: soundfile.SoundFile) -> np.ndarray:
    """The mean of the channels: (frames,), as many as there are, which a header may overstate."""
    size, mixed = max(1, BLOCK // file.channels), [np.empty(0, np.float32)]
    while len(block := file.read(size, dtype="float32", always_2d=True)):  # (frames, channels)
        _refuse(_sample_problem(block))
        mixed.append(block.mean(axis=1, dtype=np.float32))
    return np.concatenate(mixed)


def _sample_problem(block: np.ndarray) -> str:
    if not np.isfinite(block).all():
        return "has samples that are NaN or infinite. Get it again."
    if (peak := np.abs(block).max()) > LOUDEST:
        return f"has samples of {peak:.0e}, full scale is 1; mixed, such become infinite. Get it again."
    return ""


def _why(error: Exception) -> str:
    """libsndfile's own words, without the object that soundfile read from."""
    return str(getattr(error, "error_string", error)).rstrip(".")
