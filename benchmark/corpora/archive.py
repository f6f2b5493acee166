"""Unpacks an archive of a corpus into the official layout; nothing in it can land anywhere else."""

from __future__ import annotations

import errno
import hashlib
import shutil
import stat
import zipfile
from pathlib import Path, PurePosixPath

from benchmark.audio import reader
from benchmark.corpora.download import INSTEAD
from benchmark.corpora.refusals import printable
from benchmark.storage import files
from protocols.corpora import Corpus, ManifestRow
from protocols.errors import FetchError, UnknownName

OF_THE_ARCHIVE = (errno.EINVAL, errno.ENAMETOOLONG, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EILSEQ)
LARGEST = 4 << 30  # bytes unpacked: the largest of the corpora needs a sixth of it


def unpack(archive: Path, corpus: Corpus, *, into: Path) -> None:
    """Make `into`, a folder that does not exist or is empty, from a zip archive; whole or not at all.

    Clips go where the official layout has them, whatever folders the archive has around them, and must be the
    manifest's bytes; what is not audio keeps its place; other audio is left out. Raises FetchError where the
    archive is broken, unsafe, holds other bytes or not all clips, StoreError where `into` can't be written.
    """
    try:
        with zipfile.ZipFile(archive) as members, files.folder(into) as root:
            found = _extract(members, corpus, root=root)
            missing = [clip for clip in corpus.manifest if clip.clip not in found]
            if missing:
                raise FetchError(
                    f"{archive.name}: {len(missing)} of {len(corpus.manifest)} clips are not in the archive, "
                    f"first {missing[0].path}. Get {corpus.title} by hand: {corpus.obtain}"
                )
    except FetchError:
        raise
    except Exception as error:  # of a damaged archive; zipfile and its codecs name no complete list
        if isinstance(error, OSError) and error.errno and error.errno not in OF_THE_ARCHIVE:
            raise files.unwritable(into, error, instead=INSTEAD) from error
        why = printable(str(error)) or type(error).__name__
        raise FetchError(
            f"{archive.name}: is not a zip archive that can be read ({why}). Try again."
        ) from error


def _extract(members: zipfile.ZipFile, corpus: Corpus, *, root: Path) -> set[str]:
    """Write the members that belong below `root`; gives the names of the clips."""
    clips = {clip.clip: clip for clip in corpus.manifest}
    infos = [info for info in members.infolist() if not info.is_dir()]
    for info in members.infolist():
        _refuse_unsafe(info)
    if sum(info.file_size for info in infos) > LARGEST:
        raise FetchError(f"the archive of {corpus.title} unpacks to more than {LARGEST >> 30} GiB: refused.")
    found = set()
    for info in infos:
        path = PurePosixPath(info.filename)
        if any(part.startswith(".") or part == "__MACOSX" for part in path.parts):
            continue
        if path.suffix.lower() not in reader.SUFFIXES:
            _write(members, info, root / path)
        elif clip := clips.get(_clip(corpus, path)):
            sha256 = _write(members, info, root / clip.path)
            _refuse_other_bytes(clip, sha256, corpus=corpus)
            found.add(clip.clip)
    return found


def _refuse_unsafe(info: zipfile.ZipInfo) -> None:
    name = info.filename
    if name.startswith("/") or "\\" in name or ":" in name or ".." in PurePosixPath(name).parts:
        raise FetchError(f"the archive holds {name!r}, a path that leaves it: refused, nothing was unpacked.")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise FetchError(f"the archive holds {name!r}, a symbolic link: refused, nothing was unpacked.")
    if info.flag_bits & 1:
        raise FetchError(f"the archive holds {name!r}, which is encrypted: refused, nothing was unpacked.")


def _refuse_other_bytes(clip: ManifestRow, sha256: str, *, corpus: Corpus) -> None:
    if clip.sha256 and sha256 != clip.sha256:
        raise FetchError(
            f"{corpus.name}: {clip.path} in the archive is not the official file: SHA-256 {sha256} "
            f"instead of {clip.sha256}. Nothing was unpacked. If it stays so, the source has changed."
        )


def _clip(corpus: Corpus, path: PurePosixPath) -> str:
    try:
        return corpus.parse(path).clip
    except UnknownName:
        return ""


def _write(members: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> str:
    """Write one member; gives its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with members.open(info) as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
