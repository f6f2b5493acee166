"""Features on disk: computed once in parallel, found again by content, memory-mapped.

One folder a front end and corpus copy, and one for each view of it, below the cache's `features/`:

    frames.npy    (all frames of all clips, channels) float32
    index.json    {"clips": [names], "starts": [first frame of each clip, and the end]}

The index is written last: without it the folder is unfinished, and the chunks in `parts/` are gone on with.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import overload

import numpy as np

from benchmark.audio import augmentation, reader
from benchmark.compute import executor
from benchmark.corpora.file_index import Progress
from benchmark.corpora.inventory import Inventory
from benchmark.features import front_ends
from benchmark.storage import canonical, files, places
from protocols.contract import ClipBatch, Features
from protocols.errors import DataError, StoreError

CHUNK = 32  # clips
FRAMES, INDEX = "frames.npy", "index.json"


@dataclass(frozen=True)
class Store:
    """The features of one corpus copy, memory-mapped. Clips go by name."""

    frames: np.ndarray
    spans: dict[str, tuple[int, int]]

    def inputs(self, clips: Sequence[str], *, frames: int | None = None) -> Inputs:
        """These clips' features in this order, each cropped to its middle `frames` where it is longer."""
        return Inputs(self.frames, np.array([_middle(*self.spans[clip], frames) for clip in clips]))


@dataclass(frozen=True)
class Inputs(Sequence[np.ndarray]):
    """`inputs[i]`: (frames, channels) of clip i, a read-only view of the file."""

    frames: np.ndarray
    spans: np.ndarray  # (n, 2)

    def __len__(self) -> int:
        return len(self.spans)

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, index: slice) -> Inputs: ...
    def __getitem__(self, index: int | slice) -> np.ndarray | Inputs:
        if isinstance(index, slice):
            return Inputs(self.frames, self.spans[index])
        start, stop = self.spans[index]
        return self.frames[start:stop]


def folders(features: Features, inventory: Inventory) -> tuple[Path, ...]:
    """Where these features lie once computed, then each of their views; named by what decides them."""
    return tuple(_folder(features, inventory, view) for view in range(1 + features.copies))


def _folder(features: Features, inventory: Inventory, view: int) -> Path:
    identity = {**front_ends.identity(features), "copy": inventory.digest}
    if view:
        identity |= {
            "view": view,
            "changes": augmentation.identity(features.augmentation),
            "librosa": version("librosa"),
        }
    digest = canonical.digest(identity)[:16]
    return places.cache() / "features" / f"{inventory.corpus}-{features.front_end}-{digest}"


def ensure(
    wanted: Sequence[tuple[Features, Inventory]], *, jobs: int = 1, progress: Progress | None = None
) -> dict[Path, BaseException]:
    """Compute what is not there yet of all these features, `jobs` chunks at a time.

    Returns the folders whose front end failed, with what went wrong: one without its weights stops no other.
    DataError where audio cannot be read, StoreError where the cache cannot be written.
    """
    homes = {
        home: _Source(features, inventory, view)
        for features, inventory in wanted
        for view, home in enumerate(folders(features, inventory))
    }
    missing = {home: source for home, source in homes.items() if not complete(home)}
    with contextlib.ExitStack() as locks:
        for home in sorted(missing):  # another run may want the same: this one waits, then finds them
            locks.enter_context(files.lock(home.with_suffix(".lock")))
        left = {home: source for home, source in missing.items() if not complete(home)}
        return _compute(left, jobs, progress)


def complete(home: Path) -> bool:
    """Whether the features in this folder are all there: what a copy or a disk cut short is not."""
    try:
        load(home)
    except (OSError, EOFError, ValueError):
        return False
    return True


def load(home: Path) -> Store:
    """Open the features in a folder that `ensure` returned."""
    index = json.loads((home / INDEX).read_text())
    spans = zip(index["starts"], index["starts"][1:], strict=False)
    mapped = np.load(home / FRAMES, mmap_mode="r")
    # A memmap tells its file's path, beside which lie all names; this array of the same memory does not.
    frames = np.frombuffer(mapped.base, mapped.dtype, offset=mapped.offset).reshape(mapped.shape)
    return Store(frames, dict(zip(index["clips"], spans, strict=True)))


def clips(features: Features, waves: Sequence[np.ndarray]) -> ClipBatch:
    """Audio (samples,) each, as a model with these features hears clips: cropped and padded alike."""
    arrays = [front_ends.compute(features, wave) for wave in waves]  # (frames, channels) each
    ends = np.cumsum([len(array) for array in arrays]).tolist()
    names = [str(number) for number in range(len(waves))]
    store = Store(np.concatenate(arrays), dict(zip(names, zip([0, *ends], ends, strict=False), strict=True)))
    frames = front_ends.limit(features)
    return ClipBatch(store.inputs(names, frames=frames), frames=frames)


@dataclass(frozen=True)
class _Source:
    """What fills one folder."""

    features: Features
    inventory: Inventory
    view: int  # 0: the clips as they are


@dataclass(frozen=True)
class _Chunk:
    """Some clips of one corpus copy, for one front end."""

    features: Features
    view: int
    paths: list[Path]
    home: Path
    number: int

    @property
    def out(self) -> Path:
        return self.home / "parts" / f"{self.number:05d}.npz"


def _compute(wanted: dict[Path, _Source], jobs: int, progress: Progress | None) -> dict[Path, BaseException]:
    chunks = {home: _chunks(home, source) for home, source in wanted.items()}
    left = {home: [chunk for chunk in every if not chunk.out.is_file()] for home, every in chunks.items()}
    total = sum(len(chunk.paths) for every in left.values() for chunk in every)
    done = 0
    failed: dict[Path, BaseException] = {}
    tasks = (chunk for home, every in left.items() for chunk in every if home not in failed)
    for chunk, error in executor.run(_work, tasks, size=jobs):
        if isinstance(error, DataError | StoreError):
            raise error
        if error:
            failed[chunk.home] = error
        done += len(chunk.paths)
        if progress:
            progress(done, total)
    for home in chunks.keys() - failed.keys():
        for name in (FRAMES, INDEX):
            files.sweep(home / name)
        _join(list(wanted[home].inventory.files), [chunk.out for chunk in chunks[home]], home)
        shutil.rmtree(home / "parts")
    return failed


def _chunks(home: Path, source: _Source) -> list[_Chunk]:
    paths = list(source.inventory.files.values())
    return [
        _Chunk(source.features, source.view, paths[first : first + CHUNK], home, first)
        for first in range(0, len(paths), CHUNK)
    ]


def _work(chunk: _Chunk) -> None:
    outputs = [front_ends.compute(chunk.features, _heard(chunk, path)) for path in chunk.paths]
    buffer = io.BytesIO()
    np.savez(buffer, frames=np.concatenate(outputs), lengths=[len(output) for output in outputs])
    files.write(chunk.out, buffer.getvalue())


def _heard(chunk: _Chunk, path: Path) -> np.ndarray:
    """The clip, or its view, whose randomness comes from the sound itself and the view's number."""
    wave = reader.read(path)
    if not chunk.view:
        return wave
    digest = int.from_bytes(hashlib.sha256(wave.tobytes()).digest())
    return augmentation.augmented(
        wave, chunk.features.augmentation, rng=np.random.default_rng([chunk.view, digest])
    )


def _join(names: list[str], parts: list[Path], home: Path) -> None:
    lengths = np.concatenate([np.load(part)["lengths"] for part in parts])
    channels = np.load(parts[0])["frames"].shape[1]
    with files.atomic(home / FRAMES) as file:
        shape = (int(lengths.sum()), channels)
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for part in parts:
            file.write(np.load(part)["frames"].tobytes())
    starts = [0, *np.cumsum(lengths).tolist()]
    files.write(home / INDEX, json.dumps({"clips": names, "starts": starts}))


def _middle(start: int, stop: int, frames: int | None) -> tuple[int, int]:
    if frames is None or stop - start <= frames:
        return start, stop
    first = start + (stop - start - frames) // 2
    return first, first + frames
