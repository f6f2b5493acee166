"""Gets a corpus from its owner into the official layout, and proves that it is what the owner published."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import requests

from benchmark.audio import reader
from benchmark.corpora import lookalikes
from benchmark.corpora.archive import unpack
from benchmark.corpora.download import Expected, download, session
from benchmark.corpora.inventory import Inventory, take
from benchmark.corpora.layout import audio_files
from benchmark.storage import files, places
from protocols.corpora import Corpus, ManifestRow, Source
from protocols.errors import FetchError

STREAMS = 4  # files that are fetched at a time where a corpus comes file by file

Progress = Callable[[int, int], None]  # done and in all: bytes of an archive, or files


def fetch(corpus: Corpus, folder: Path, *, progress: Progress | None = None) -> Inventory:
    """Get what `folder` (the corpus's own) lacks, and compare it with the manifest.

    A copy that is complete is left alone, whatever kind it is. Raises FetchError where the corpus has no
    public address, where `folder` holds something else, or where what comes is not what was published.
    """
    with files.lock(places.lock_of("fetched", folder)):  # of two at once, the later finds what came
        return _fetched(corpus, folder, progress)


def _fetched(corpus: Corpus, folder: Path, progress: Progress | None) -> Inventory:
    held = _held(corpus, folder)
    if held and held.complete:
        return held
    if not corpus.sources:
        cure = ("" if held else lookalikes.hint(corpus, folder.parent)) or corpus.obtain
        raise FetchError(f"{corpus.name}: {corpus.title} has no public address to download from. {cure}")
    if not folder.is_dir() and (folder.exists() or folder.is_symlink()):
        raise FetchError(f"{corpus.name}: {lookalikes.hint(corpus, folder.parent)}")
    for source in corpus.sources:
        if source.archive == "file":
            _fetch_files(_wanted(corpus, held), source, folder=folder, progress=progress)
        else:
            _fetch_archive(corpus, source, folder, progress=progress)
    return take(corpus, folder, jobs=os.cpu_count() or 1)


def _held(corpus: Corpus, folder: Path) -> Inventory | None:
    """What is there already; None where there is no audio yet."""
    if not folder.is_dir() or not audio_files(folder):
        return None
    held = take(corpus, folder, jobs=os.cpu_count() or 1)
    if held.kind == "synthetic":
        raise FetchError(f"{corpus.name}: {folder} is synthetic. Name another folder with --data.")
    return held


def _wanted(corpus: Corpus, held: Inventory | None) -> list[ManifestRow]:
    """The clips that are not there, or cannot be used; others stay, resampled ones too."""
    return [clip for clip in corpus.manifest if held is None or clip.clip not in held.files]


def _fetch_archive(corpus: Corpus, source: Source, folder: Path, *, progress: Progress | None) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise FetchError(
            f"{corpus.name}: {folder} is there but not complete. `corpora check` says what is missing; "
            "move it away to fetch the whole archive again."
        )
    archive = folder.with_name(f"{corpus.name}.fetched.zip")
    if not archive.exists():  # it does where unpacking was killed, or the disk was full
        expected = Expected(md5=source.md5, bytes=source.bytes)
        download(source.url, archive, expected=expected, http=session(), progress=progress)
    into = folder.resolve()  # a link to an empty folder stays
    files.sweep(into)
    try:
        unpack(archive, corpus, into=into)
    except FetchError:
        archive.unlink()  # kept, it would be refused the next time as well
        raise
    archive.unlink()


def _fetch_files(
    wanted: list[ManifestRow], source: Source, *, folder: Path, progress: Progress | None
) -> None:
    own = threading.local()  # a session is not to be shared between threads

    def fetch_one(clip: ManifestRow) -> Path:
        if not hasattr(own, "http"):
            own.http = session()
        return _fetch_clip(clip, source, folder, http=own.http)

    with _pool() as pool:
        for done, _ in enumerate(pool.map(fetch_one, wanted), start=1):
            if progress:
                progress(done, len(wanted))


def _fetch_clip(clip: ManifestRow, source: Source, folder: Path, *, http: requests.Session) -> Path:
    expected = Expected(sha256=clip.sha256, most=reader.LARGEST)
    return download(source.url.format(path=clip.path), folder / clip.path, expected=expected, http=http)


@contextmanager
def _pool() -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(STREAMS)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)  # after an error, thousands of files are not waited for
