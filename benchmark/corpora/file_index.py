"""What one read of an audio file finds; kept, so that a file that did not change is not read again."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path, PurePosixPath

import msgspec
import numpy as np
import soundfile
from msgspec.structs import replace

from benchmark.audio import containers, level, reader
from benchmark.storage import files, places
from protocols.errors import DataError

DEATHS = 3  # of processes that read, after which no more is tried
DIED = "the process that read it died (out of memory?)"
SAVE_EVERY = 500  # files: what a killed examination loses at most
VERSION = f"4 {soundfile.__libsndfile_version__}"  # facts found by another version are not believed

Progress = Callable[[int, int], None]  # files examined so far, files to examine


class Facts(msgspec.Struct, frozen=True, array_like=True):
    """What one read of a file finds. `problem` is "" for a usable file; `sound` is of its 16-bit samples."""

    size: int  # bytes
    mtime: int  # nanoseconds
    sha256: str = ""
    sound: str = ""
    seconds: float = 0.0
    silent: bool = False
    contour: str = ""  # of `level.contour`
    problem: str = ""
    pointer: bool = False


class Index(msgspec.Struct):
    """The facts of one folder's files by path, as they are kept between runs."""

    version: str
    facts: dict[str, Facts]


def examine(
    folder: Path, paths: Iterable[PurePosixPath], *, jobs: int = 1, progress: Progress | None = None
) -> dict[PurePosixPath, Facts]:
    """The facts of each file, from the index of the last time where size and time of change are the same."""
    kept = _index_path(folder)
    index, wanted = _load(kept), [str(path) for path in paths]
    stale = [path for path in wanted if not _fresh(folder / path, index.facts.get(path))]
    for done, (path, fact) in enumerate(zip(stale, _facts(folder, stale, jobs=jobs), strict=True), start=1):
        index.facts[path] = fact
        if done % SAVE_EVERY == 0 or done == len(stale):
            files.write(kept, files.sealed(_encoded(index)))
        if progress:
            progress(done, len(stale))
    return {PurePosixPath(path): index.facts[path] for path in wanted}


def facts_of(path: Path) -> Facts:
    """What one read of the file finds."""
    read = Facts(size=-1, mtime=-1)
    try:
        stat = path.stat()
        read = Facts(size=stat.st_size, mtime=stat.st_mtime_ns)
        data = reader.load(path)
        read = replace(read, sha256=hashlib.sha256(data).hexdigest(), pointer=containers.is_pointer(data))
        sound = reader.decode(data)
    except OSError as error:
        return replace(read, problem=f"cannot be read: {error.strerror}. Check the file.")
    except DataError as error:
        return replace(read, problem=str(error))
    pcm = np.rint(sound * 32768).clip(-32768, 32767).astype("<i2")  # (samples,)
    return replace(
        read,
        sound=hashlib.sha256(pcm.tobytes()).hexdigest(),
        seconds=len(sound) / reader.RATE,
        silent=level.silent(sound),
        contour=level.contour(sound),
    )


def _facts(folder: Path, paths: list[str], *, jobs: int) -> Iterable[Facts]:
    jobs = min(jobs, 1 + len(paths) // 50)  # a worker takes as long to start as fifty files to read
    every, done = [folder / path for path in paths], 0
    if jobs <= 1:
        yield from map(facts_of, every)
        return
    try:
        with _pool(jobs) as pool:
            for fact in pool.map(facts_of, every, chunksize=20):
                yield fact
                done += 1
    except BrokenProcessPool:  # by one of those that are left; which, is seen when each is read alone
        yield from _one_by_one(every[done:])


def _one_by_one(paths: list[Path]) -> Iterable[Facts]:
    """The same, by a process that reads one file at a time, so that a file that ends it is known by name."""
    died = 0
    with ExitStack() as pools:
        pool = pools.enter_context(_pool(1))
        for path in paths:
            try:
                fact = pool.submit(facts_of, path).result()
            except BrokenProcessPool as error:
                died += 1
                if died == DEATHS:  # it is not the files
                    raise DataError(
                        f"{path}: {DIED}, as of {died - 1} files before. Run it again."
                    ) from error
                fact = Facts(size=-1, mtime=-1, problem=f"{DIED}. Get it again.")
                pool = pools.enter_context(_pool(1))
            yield fact


def _pool(jobs: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn"))


def _fresh(path: Path, fact: Facts | None) -> bool:
    if fact is None:
        return False
    try:
        stat = path.stat()
    except OSError:
        return False
    return (fact.size, fact.mtime) == (stat.st_size, stat.st_mtime_ns)


def _index_path(folder: Path) -> Path:
    return place() / f"{hashlib.sha256(os.fsencode(folder)).hexdigest()[:32]}.json"


def place() -> Path:
    """The folder of all indexes."""
    return places.cache() / "files"


def current(kept: Path) -> bool:
    """Whether an index is of this version, and whole."""
    return bool(_load(kept).facts)


def _encoded(index: Index) -> bytes:
    """Without files whose names are not UTF-8, which JSON cannot name: they are read again each time."""
    named = (path for path in index.facts if path.encode(errors="ignore").decode() == path)
    return msgspec.json.encode(replace(index, facts={path: index.facts[path] for path in named}))


def _load(path: Path) -> Index:
    try:
        index = msgspec.json.decode(files.unsealed(path.read_bytes()), type=Index)
    except (OSError, msgspec.DecodeError, RecursionError):  # not there yet, or not whole: make it anew
        return Index(version=VERSION, facts={})
    return index if index.version == VERSION else Index(version=VERSION, facts={})
