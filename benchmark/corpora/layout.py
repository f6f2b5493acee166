"""Which file of a folder is which clip of a corpus: the official layout, its usual variants, and mistakes."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from benchmark.audio import reader
from benchmark.corpora import lookalikes
from protocols.corpora import Corpus
from protocols.errors import DataError, UnknownName


class Rank(NamedTuple):
    """Orders the files that hold one clip, the one to use first."""

    elsewhere: bool  # not where the official layout has it
    depth: int
    suffix: int


@dataclass(frozen=True, kw_only=True)
class Match:
    """Paths are relative to the corpus's folder."""

    chosen: dict[str, PurePosixPath]  # the file to use for each clip, in the manifest's order
    unknown: list[PurePosixPath]  # names that the parser does not know
    extra: list[PurePosixPath]  # clips that are not in the manifest, and second files of those that are


def audio_files(folder: Path) -> list[PurePosixPath]:
    """Relative paths of all files with an audio suffix, hidden ones and macOS's "._x" left out; sorted.

    DataError where a folder cannot be read: its clips are there, and would be called missing.
    """

    def refuse(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            raise DataError(
                f"{error.filename}: cannot be read: {error.strerror}. Check the folder."
            ) from error

    found, seen = [], {folder.resolve()}
    for root, folders, names in os.walk(folder, followlinks=True, onerror=refuse):
        real = {name: Path(root, name).resolve() for name in sorted(folders) if not name.startswith(".")}
        folders[:] = [name for name in real if real[name] not in seen]  # a link may lead back
        seen |= set(real.values())
        wanted = [n for n in names if not n.startswith(".") and n.lower().endswith(reader.SUFFIXES)]
        found += [PurePosixPath(Path(root, name).relative_to(folder).as_posix()) for name in wanted]
    return sorted(found)


def match(corpus: Corpus, paths: list[PurePosixPath], *, folder: Path) -> Match:
    """Tell which of `paths`, relative to `folder`, is which clip.

    Raises DataError where none is a clip of the corpus, or all lie deeper than in the official layout.
    """
    named: dict[str, list[tuple[Rank, PurePosixPath]]] = defaultdict(list)
    unknown, extra, clips = [], [], {clip.clip for clip in corpus.manifest}
    for path in paths:
        try:
            clip = corpus.parse(path)
        except UnknownName:
            unknown.append(path)
            continue
        if clip.clip in clips:
            named[clip.clip].append((_rank(path, PurePosixPath(clip.path)), path))
        else:
            extra.append(path)
    _refuse_a_wrong_folder(corpus, folder, paths=paths, found=[p for ps in named.values() for _, p in ps])
    chosen = {}
    for name in (clip.clip for clip in corpus.manifest if clip.clip in named):
        (best, chosen[name]), *others = sorted(named[name])
        # Beside the official place, other folders may hold the clip too, as CREMA-D's AudioMP3 does.
        extra += [path for rank, path in others if best.elsewhere or not rank.elsewhere]
    return Match(chosen=chosen, unknown=unknown, extra=sorted(extra))


def _rank(path: PurePosixPath, official: PurePosixPath) -> Rank:
    elsewhere = str(path.with_suffix("")).lower() != str(official.with_suffix("")).lower()
    return Rank(elsewhere, len(path.parts), reader.SUFFIXES.index(path.suffix.lower()))


def _refuse_a_wrong_folder(
    corpus: Corpus, folder: Path, *, paths: list[PurePosixPath], found: list[PurePosixPath]
) -> None:
    official = PurePosixPath(corpus.manifest[0].path)
    if not found:
        held = f"{len(paths)} audio files, first {paths[0]}, but none" if paths else "no audio, and none"
        raise DataError(
            f"{corpus.name}: {folder} is not a copy of {corpus.title}: it holds {held} of its clips, "
            f"such as {official}. {lookalikes.packed(folder) or 'Check --data.'}"
        )
    depth = len(official.parts)
    if min(len(path.parts) for path in found) > depth:
        deeper = folder.joinpath(*min(found).parts[:-depth])
        raise DataError(
            f"{corpus.name}: the clips lie too deep: {folder / min(found)} should be "
            f"{folder.joinpath(*min(found).parts[-depth:])}. Move what {deeper} holds to {folder}."
        )
