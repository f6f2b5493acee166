"""Writes files and folders whole or not at all, so that a kill or a full disk never leaves half of one.

What is not whole yet lies beside its place under a name of its own, which begins with PART; a kill may leave
that behind, and `sweep` removes it.
"""

from __future__ import annotations

import errno
import glob
import os
import shutil
import tempfile
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from filelock import FileLock, Timeout

from protocols.errors import StoreError

PART = ".part-"  # how the name of what is being written begins; its own name follows
LATE, LOOK = 120.0, 0.5  # seconds for which a file of another machine is waited for, and between two looks
ROOM = 1 << 18  # bytes: what a small record and its predictions take
ELSEWHERE = "name another folder with --results, or UNHEARD_CACHE for the cache"
CURES = {
    errno.ENOSPC: "the disk is full; free some space and run the same command again: it goes on from here",
    errno.EDQUOT: "the disk quota is used up; free some space and run the same command again",
    errno.EROFS: f"the file system is read-only; {ELSEWHERE}",
    errno.EACCES: f"permission denied; {ELSEWHERE}",
}


@contextmanager
def atomic(path: Path, *, flush: bool = True) -> Iterator[IO[bytes]]:
    """A binary file that appears at `path` only when the block ends without an error, else StoreError.

    With `flush` it is on the disk then, whatever becomes of the machine; that takes milliseconds.
    """
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f"{PART}{path.name}-", delete=False) as file:
            temporary = Path(file.name)
            yield file
            if flush:
                file.flush()
                os.fsync(file.fileno())
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """An empty folder on the same disk as `path`, for what is to take its place; gone when the block ends.

    OSError where it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        dir=path.parent, prefix=f"{PART}{path.name}-", ignore_cleanup_errors=True
    ) as work:
        yield Path(work)


@contextmanager
def folder(path: Path) -> Iterator[Path]:
    """A new folder that appears at `path` only when the block ends without an error.

    There may be an empty folder at `path`, and nothing else. OSError where it cannot be written.
    """
    with beside(path) as work:
        whole = work / path.name
        whole.mkdir()
        yield whole
        if path.exists():
            path.rmdir()
        whole.rename(path)


@contextmanager
def lock(path: Path, *, timeout: float = -1, instead: str = "") -> Iterator[None]:
    """Hold a lock between processes, which ends with the process however it dies; filelock.Timeout if it
    is still taken after `timeout` seconds (-1: wait for ever). `instead` is as for `unwritable`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        held = FileLock(path)
        held.acquire(timeout=timeout)
    except Timeout:
        raise
    except OSError as error:
        raise unwritable(path, error, instead=instead) from error
    try:
        yield
    finally:
        held.release()


def shown(path: Path) -> Path:
    """The path of a file that is written, once it is seen here: a shared disk may show it late.

    StoreError where it is not seen for LATE seconds.
    """
    end = time.monotonic() + LATE
    while not path.is_file():
        if time.monotonic() > end:
            raise StoreError(
                f"{path}: it is written, and not seen here after {LATE:.0f} s. Check that all machines have "
                "mounted the same folder there; the same command goes on from here."
            )
        with suppress(OSError):
            list(path.parent.iterdir())  # so that a network's disk looks again
        time.sleep(LOOK)
    return path


def ready(folder: Path) -> None:
    """Make sure that a folder is there and takes what is written, before anything is computed for it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:  # without a name: a killed process leaves nothing
            file.write(bytes(ROOM))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise unwritable(folder, error) from error


def write(path: Path, data: bytes | str, *, flush: bool = True) -> None:
    """Put `data` at `path`, whole or not at all; text is UTF-8. `flush` is as of `atomic`."""
    with atomic(path, flush=flush) as file:
        file.write(data.encode() if isinstance(data, str) else data)


def sealed(data: bytes) -> bytes:
    """With its checksum on a line before it, so that a byte that a disk has changed is found."""
    return b"%08x\n" % zlib.crc32(data) + data


def unsealed(kept: bytes) -> bytes:
    """What was sealed; no bytes at all where it is not whole."""
    data = kept.partition(b"\n")[2]
    return data if kept == sealed(data) else b""


def sweep(path: Path) -> None:
    """Remove what a killed process left of `path`, half-written; only for whoever holds its lock."""
    begins = f"{PART}{path.name}-"
    for litter in path.parent.glob(f"{glob.escape(begins)}*"):
        if "-" in litter.name.removeprefix(begins):  # of a neighbour whose name begins alike
            continue
        if litter.is_dir():
            shutil.rmtree(litter, ignore_errors=True)
        else:
            litter.unlink(missing_ok=True)


def unwritable(path: Path, error: OSError, *, what: str = "", instead: str = "") -> StoreError:
    """The StoreError of an OSError: which path, why, and what to do about it.

    `what` is to be written at `path`, where that is not clear from it; `instead` is what to do where the user
    names the path in another way than with --results, as in "Name another folder with --out".
    """
    cure = CURES.get(error.errno or 0) or error.strerror or str(error)
    if instead:
        cure = f"{cure.partition(';')[0]}. {instead}"
    return StoreError(f"{path}: {what}{' ' if what else ''}cannot be written: {cure}.")
