"""Features on disk: computed once in parallel, found again by content, memory-mapped.

One folder for a front end and a corpus copy, and one for each augmented copy of it, below the cache's
`features/`:

    frames.npy    (all frames of all clips, channels) float32
    index.json    {"about": what decides the numbers, "clips": [names],
                   "starts": [first frame of each clip, and the end], "checksum": CRC-32}

The index is written last: without it the folder is unfinished, and the chunks in `parts/` are gone on with.
The checksum covers both files. It is compared once a run, at gigabytes a second; what is damaged is computed
again.
"""

from __future__ import annotations

import contextlib
import zlib
from collections.abc import Callable, Container, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmark.audio import acoustic_conditions, augmentation
from benchmark.compute import executor
from benchmark.corpora.file_index import Progress
from benchmark.corpora.inventory import Inventory
from benchmark.features import chunks, front_ends, stack
from benchmark.features.chunks import FRAMES, INDEX, Chunk, Index, Source
from benchmark.features.inputs import StackedStore, Store, stacked
from benchmark.features.stack import Stack
from benchmark.storage import canonical, files, places
from protocols.contract import ClipBatch, Features
from protocols.errors import DataError, StoreError

Home = tuple[Path, ...]  # where the clips, or one augmented copy of them, lie: a folder for each front end


def folders(features: Stack, inventory: Inventory) -> tuple[Home, ...]:
    """Where these features lie once computed, then each of their augmented copies."""
    return tuple(
        tuple(_folder(Source(each, inventory, copy)) for each in features)
        for copy in range(1 + features[0].copies)
    )


def _folder(source: Source) -> Path:
    """Named by what decides its numbers, so that two models with the same front end share it."""
    features, inventory = source.features, source.inventory
    digest = canonical.digest(_identity(source))[:16]
    return place() / f"{inventory.corpus}-{features.front_end}-{digest}"


def place() -> Path:
    """The folder of all features."""
    return places.cache() / "features"


def identity(features: Features, copy: int, condition: str = "") -> dict[str, Any]:
    """What decides the numbers of the k-th augmented copies of clips (0: of the clips), whatever these are.

    `condition`: the acoustic one under which the clips are given, "" for as they are.

    WeightsError where a front end's weights are absent.
    """
    known = front_ends.identity(features)
    if copy:
        known |= {
            "copy number": copy,
            "augmentation": augmentation.identity(features.augmentation),
            "librosa": front_ends.version("librosa"),
        }
    if condition:
        libraries = {name: front_ends.version(name) for name in acoustic_conditions.LIBRARIES}
        known["condition"] = {**acoustic_conditions.described(condition), "libraries": libraries}
    return known


def _identity(source: Source) -> dict[str, Any]:
    inventory = source.inventory
    return {**identity(source.features, source.copy, inventory.condition), "copy": inventory.digest}


def ensure(
    wanted: Sequence[tuple[Stack, Inventory]],
    *,
    jobs: int = 1,
    progress: Progress | None = None,
    damaged: Callable[[str], None] | None = None,
) -> dict[Home, BaseException]:
    """Compute what is not there yet, or damaged, of all these features, `jobs` chunks at a time.

    `damaged` is called with what was found so, in words.
    Returns the homes of which a front end failed, with what went wrong: one without its weights stops no
    other. DataError where audio cannot be read, StoreError where the cache cannot be written.
    """
    homes = [home for features, inventory in wanted for home in folders(features, inventory)]
    absent = missing(wanted)
    for folder in {folder for home in homes for folder in home} - absent.keys():
        chunks.sweep(folder)  # a kill may have left them
    with contextlib.ExitStack() as locks:
        for folder in sorted(absent):  # another run may want the same: this one waits, then finds them
            locks.enter_context(files.lock(folder.with_suffix(".lock")))
        left = {folder: source for folder, source in absent.items() if _lacks(folder, damaged)}
        failed = _compute(left, jobs, progress)
    return {home: failed[folder] for home in homes for folder in reversed(home) if folder in failed}


def missing(wanted: Sequence[tuple[Stack, Inventory]]) -> dict[Path, Source]:
    """Of all these features, the folders that are not there yet, or damaged, with what fills them."""
    sources = {
        folder: Source(each, inventory, copy)
        for features, inventory in wanted
        for copy, home in enumerate(folders(features, inventory))
        for each, folder in zip(features, home, strict=True)
    }
    return {folder: source for folder, source in sources.items() if _lacks(folder)}


def load(home: Home, features: Stack = ()) -> Store | StackedStore:
    """Open the features in a home that `ensure` has filled; DataError where they are not, or no more.

    With `features`, by which they were computed, they are as a model is given them; else as computed.
    """
    names = [folder.name.rpartition("-")[0] for folder in home]  # corpus and front end
    try:
        stores = [_load(folder) for folder in home]
    except DataError as error:
        raise DataError(f"{error}. Run the same command again: it computes them anew.") from error
    found = stacked(names, stores)
    return found.given(features) if features else found


def clips(features: Stack, waves: Sequence[np.ndarray]) -> ClipBatch:
    """Audio (samples,) each, as a model with these features is given clips: cropped and padded alike."""
    arrays = [stack.compute(features, wave) for wave in waves]  # (frames, channels) each
    ends = np.cumsum([len(array) for array in arrays]).tolist()
    names = [str(number) for number in range(len(waves))]
    store = Store(np.concatenate(arrays), dict(zip(names, zip([0, *ends], ends, strict=False), strict=True)))
    frames = stack.limit(features)
    return ClipBatch(store.inputs(names, frames=frames), frames=frames)


def _lacks(folder: Path, damaged: Callable[[str], None] | None = None) -> bool:
    """Whether features are to be computed; `damaged` is called where it is because of a damage."""
    problem = _problem(folder)
    if problem and damaged:
        damaged(problem)
    return problem is not None


def _problem(folder: Path) -> str | None:
    """How these features are damaged, in words; "" where they are not there, None where they are whole."""
    if not (folder / INDEX).exists():
        return ""
    try:
        found = index(folder)
        if _checksum(folder / FRAMES, found) != found.checksum:
            return f"{folder}: damaged: a byte has changed since it was computed"
        _load(folder)
    except DataError as error:
        return str(error)
    return None


def _checksum(frames: Path, known: Index) -> int:
    """CRC-32 of an index, then of its file of frames; DataError where that cannot be read."""
    try:
        stat = frames.stat()
        return _checksum_of(frames, stat.st_size, stat.st_mtime_ns, start=known.own_checksum)
    except OSError as error:
        raise DataError(f"{frames}: cannot be read: {error.strerror}") from error


@cache
def _checksum_of(frames: Path, size: int, modified: int, *, start: int) -> int:  # noqa: ARG001  (a new file is another key)
    checksum = start
    with frames.open("rb") as file:
        while part := file.read(1 << 20):
            checksum = zlib.crc32(part, checksum)
    return checksum


def index(folder: Path) -> Index:
    """What a folder of features says of itself; DataError where it cannot be read."""
    try:
        return msgspec.json.decode((folder / INDEX).read_bytes(), type=Index)
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        raise DataError(f"{folder / INDEX}: damaged: {error}") from error


def _load(folder: Path) -> Store:
    found = index(folder)
    try:
        mapped = np.load(folder / FRAMES, mmap_mode="r")
        spans = dict(zip(found.clips, zip(found.starts, found.starts[1:], strict=False), strict=True))
    except (OSError, EOFError, ValueError, OverflowError) as error:
        raise DataError(f"{folder}: damaged: {error}") from error
    # A memmap gives away its file's path, beside which lie all names; this array of the same memory does not.
    frames = np.frombuffer(mapped.base, mapped.dtype, offset=mapped.offset).reshape(mapped.shape)
    return Store(frames, spans)


def _compute(wanted: dict[Path, Source], jobs: int, progress: Progress | None) -> dict[Path, BaseException]:
    """Fill these folders; returns those whose front end failed, and why."""
    every = {folder: chunks.of(folder, source) for folder, source in wanted.items()}
    left = [chunk for of_folder in every.values() for chunk in of_folder if not chunks.computed(chunk)]
    total, done = sum(len(chunk.paths) for chunk in left), 0
    failed: dict[Path, BaseException] = {}
    for chunk, error in _ended(left, failed, jobs):
        if isinstance(error, DataError | StoreError):
            raise error
        if error:
            failed[chunk.home] = error
        done += len(chunk.paths)
        if progress:
            progress(done, total)
    for folder in every.keys() - failed.keys():
        source = wanted[folder]
        about = {"corpus": source.inventory.corpus, **_identity(source)}
        chunks.join(folder, source, every[folder], about=about)
    return failed


def _ended(
    left: Sequence[Chunk], failed: Container[Path], jobs: int
) -> Iterator[tuple[Chunk, BaseException | None]]:
    """Compute these chunks, those of the same clips together, and give each with its error.

    Where one of several fails, or ends its worker, they are computed again, each by itself: so that which one
    it was is known, and stops no other. What is of a home that has `failed` by then is left out.
    """
    same: dict[tuple[Path, ...], list[Chunk]] = {}
    for chunk in left:
        same.setdefault(tuple(chunk.paths), []).append(chunk)
    again: list[list[Chunk]] = []
    for batches in (same.values(), again):
        wanted = (some for batch in batches if (some := [each for each in batch if each.home not in failed]))
        for together, error in executor.run(chunks.compute, wanted, size=jobs):
            if error and len(together) > 1 and not isinstance(error, DataError | StoreError):
                again += [[chunk] for chunk in together]
            else:
                yield from ((chunk, error) for chunk in together)
