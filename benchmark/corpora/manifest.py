"""The manifest of a corpus that is new, from a folder of its official files."""

from __future__ import annotations

from pathlib import Path

from benchmark.corpora import layout, lookalikes
from benchmark.corpora.file_index import Progress, examine
from protocols.corpora import Corpus, ManifestRow
from protocols.errors import DataError


def describe(
    corpus: Corpus, folder: Path, *, jobs: int = 1, progress: Progress | None = None
) -> list[ManifestRow]:
    """The manifest of a folder of official files, for a corpus that is new: what `write_manifest` writes.

    Raises UnknownName for a name that the parser does not know, DataError for two files of one clip, for a
    file that cannot be read, and where there is no audio.
    """
    if not (paths := layout.audio_files(folder)):
        cure = lookalikes.packed(folder) or lookalikes.hint(corpus, folder.parent) or "Check --data."
        raise DataError(f"{corpus.name}: {folder} holds no audio. {cure}")
    facts, clips = examine(folder, paths, jobs=jobs, progress=progress), {}
    for path in paths:
        clip = corpus.parse(path)
        if facts[path].problem:
            raise DataError(f"{folder / path}: {facts[path].problem}")
        if clip.clip in clips:
            raise DataError(f"{corpus.name}: {folder / path} is a second file of {clip.clip}. Keep one.")
        clips[clip.clip] = clip._replace(sha256=facts[path].sha256)
    return [clips[name] for name in sorted(clips)]
