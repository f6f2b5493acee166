"""The features of one corpus copy, computed some clips at a time, so that an interrupted run can go on."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmark.audio import augmentation, reader
from benchmark.corpora.inventory import Inventory
from benchmark.features import front_ends
from benchmark.storage import files
from protocols.contract import Features

SIZE = 32  # clips
FRAMES, INDEX = "frames.npy", "index.json"


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
    paths: list[Path]
    home: Path
    number: int

    @property
    def out(self) -> Path:
        return self.home / "parts" / f"{self.number:05d}.npz"


def of(home: Path, source: Source) -> list[Chunk]:
    """All chunks of a folder."""
    paths = list(source.inventory.files.values())
    return [
        Chunk(source.features, source.copy, paths[first : first + SIZE], home, first)
        for first in range(0, len(paths), SIZE)
    ]


def compute(chunk: Chunk) -> None:
    """Compute a chunk and put it on disk: what a worker process does."""
    outputs = [_output(chunk, path) for path in chunk.paths]
    buffer = io.BytesIO()
    np.savez(buffer, frames=np.concatenate(outputs), lengths=[len(output) for output in outputs])
    files.write(chunk.out, buffer.getvalue())


def join(home: Path, source: Source, chunks: list[Chunk]) -> None:
    """Put all chunks of a folder into its two files, the index last, and remove them."""
    for name in (FRAMES, INDEX):
        files.sweep(home / name)
    lengths = np.concatenate([np.load(chunk.out)["lengths"] for chunk in chunks])
    channels = np.load(chunks[0].out)["frames"].shape[1]
    with files.atomic(home / FRAMES) as file:
        shape = (int(lengths.sum()), channels)
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for chunk in chunks:
            file.write(np.load(chunk.out)["frames"].tobytes())
    starts = [0, *np.cumsum(lengths).tolist()]
    files.write(home / INDEX, json.dumps({"clips": list(source.inventory.files), "starts": starts}))
    shutil.rmtree(home / "parts")


def _output(chunk: Chunk, path: Path) -> np.ndarray:
    """(frames, channels) of a clip; an error of the front end notes which clip it was."""
    wave = _wave(chunk, path)
    try:
        return front_ends.compute(chunk.features, wave)
    except Exception as error:
        error.add_note(f"The clip is {path}.")
        raise


def _wave(chunk: Chunk, path: Path) -> np.ndarray:
    """The clip, or its copy, whose randomness comes from the sound itself and the copy's number."""
    wave = reader.read(path)
    if not chunk.copy:
        return wave
    digest = int.from_bytes(hashlib.sha256(wave.tobytes()).digest())
    return augmentation.augmented(
        wave, chunk.features.augmentation, rng=np.random.default_rng([chunk.copy, digest])
    )
