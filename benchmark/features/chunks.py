"""The features of one corpus copy, computed some clips at a time, so that an interrupted run can go on."""

from __future__ import annotations

import hashlib
import io
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmark.audio import acoustic_conditions, augmentation, reader
from benchmark.corpora.inventory import Inventory
from benchmark.features import front_ends, spectrum
from benchmark.storage import canonical, files
from protocols.contract import Features

SIZE = 32  # clips
FRAMES, INDEX, PARTS = "frames.npy", "index.json", "parts"


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """Where the clips lie in the frames, and what tells that a byte of either has changed."""

    about: dict[str, Any] = {}  # what decides the numbers; {} in what older versions have written
    clips: list[str]
    starts: list[int]  # the first frame of each clip, and the end
    checksum: int  # CRC-32 of the index's own facts, then of the file of frames

    @property
    def own_checksum(self) -> int:
        """CRC-32 of what else is in the index."""
        facts = [self.clips, self.starts, *([self.about] if self.about else [])]
        return zlib.crc32(canonical.line(facts).encode())


@dataclass(frozen=True)
class Source:
    """What fills one folder."""

    features: Features
    inventory: Inventory
    copy: int  # 0: the clips as they are; k: their k-th augmented copies


@dataclass(frozen=True)
class Chunk:
    """Some clips of one corpus copy, for one front end. Plain data, for a worker."""

    features: Features
    copy: int
    condition: str  # under which the clips are given; "": as they are
    clips: list[str]  # their names
    paths: list[Path]
    home: Path
    number: int

    @property
    def out(self) -> Path:
        return self.home / PARTS / f"{self.number:05d}.npz"


def of(home: Path, source: Source) -> list[Chunk]:
    """All chunks of a folder."""
    features, copy, condition = source.features, source.copy, source.inventory.condition
    clips, paths = list(source.inventory.files), list(source.inventory.files.values())
    return [
        Chunk(features, copy, condition, clips[rows], paths[rows], home, rows.start)
        for rows in (slice(first, first + SIZE) for first in range(0, len(paths), SIZE))
    ]


def compute(together: Sequence[Chunk]) -> None:
    """Compute chunks of the same clips and put them on disk: what a worker process does.

    Each clip is decoded once for all of them, and put under each condition once.
    """
    conditions = dict.fromkeys(chunk.condition for chunk in together)
    outputs: list[list[np.ndarray]] = [[] for _ in together]
    for clip, path in zip(together[0].clips, together[0].paths, strict=True):
        wave = reader.read(path)
        under = {condition: _under(condition, wave, clip) for condition in conditions}
        with spectrum.shared():
            for chunk, own in zip(together, outputs, strict=True):
                own.append(_output(chunk, path, under[chunk.condition]))
    for chunk, own in zip(together, outputs, strict=True):
        _keep(chunk, own)


def _keep(chunk: Chunk, outputs: Sequence[np.ndarray]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, frames=np.concatenate(outputs), lengths=[len(output) for output in outputs])
    files.write(chunk.out, buffer.getvalue(), flush=False)  # a power cut's damage is seen: it has checksums


def computed(chunk: Chunk) -> bool:
    """Whether a chunk is on disk, and undamaged: each array in it has a checksum of its own."""
    try:
        _arrays(chunk)
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return False
    return True


def join(home: Path, source: Source, chunks: list[Chunk], *, about: dict[str, Any]) -> None:
    """Put all chunks of a folder into its two files, the index last, and remove them."""
    for name in (FRAMES, INDEX):
        files.sweep(home / name)
    lengths = np.concatenate([_lengths(chunk) for chunk in chunks])
    starts = [0, *np.cumsum(lengths).tolist()]
    index = Index(about=about, clips=list(source.inventory.files), starts=starts, checksum=0)
    checksum = index.own_checksum
    with files.atomic(home / FRAMES) as file:
        for part in _parts(chunks, int(lengths.sum())):
            checksum = zlib.crc32(part, checksum)
            file.write(part)
    files.write(home / INDEX, msgspec.json.encode(msgspec.structs.replace(index, checksum=checksum)))
    sweep(home)


def sweep(home: Path) -> None:
    """Remove the chunks of a folder that has its index."""
    shutil.rmtree(home / PARTS, ignore_errors=True)


def _parts(chunks: list[Chunk], frames: int) -> Iterator[bytes]:
    """The file of all frames, piece by piece."""
    header, channels = io.BytesIO(), _arrays(chunks[0])[0].shape[1]
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (frames, channels)}
    )
    yield header.getvalue()
    for chunk in chunks:
        yield _arrays(chunk)[0].tobytes()


def _arrays(chunk: Chunk) -> tuple[np.ndarray, np.ndarray]:
    """A computed chunk's frames, (frames of all its clips, channels), and how many each clip has."""
    with chunk.out.open("rb") as file, np.load(file) as arrays:
        return arrays["frames"], arrays["lengths"]


def _lengths(chunk: Chunk) -> np.ndarray:
    with chunk.out.open("rb") as file, np.load(file) as arrays:
        lengths: np.ndarray = arrays["lengths"]
        return lengths


def _under(condition: str, wave: np.ndarray, clip: str) -> np.ndarray:
    return acoustic_conditions.altered(wave, condition, clip=clip) if condition else wave


def _output(chunk: Chunk, path: Path, wave: np.ndarray) -> np.ndarray:
    """(frames, channels) of a clip; an error of the front end notes which clip it was."""
    try:
        return front_ends.compute(chunk.features, _copied(chunk, wave))
    except Exception as error:
        error.add_note(f"The clip is {path}.")
        raise


def _copied(chunk: Chunk, wave: np.ndarray) -> np.ndarray:
    """The clip, or its copy, whose randomness comes from the sound itself and the copy's number."""
    if not chunk.copy:
        return wave
    digest = int.from_bytes(hashlib.sha256(wave.tobytes()).digest())
    steps = augmentation.of_copy(chunk.features.augmentation, chunk.copy)
    return augmentation.augmented(wave, steps, rng=np.random.default_rng([chunk.copy, digest]))
