"""Compares a corpus folder with the manifest: what is there, what is missing, what cannot be used."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from benchmark.corpora import layout, lookalikes, oddities
from benchmark.corpora.file_index import Progress, examine
from benchmark.corpora.oddities import Oddities
from benchmark.storage import places
from protocols.corpora import Corpus, ManifestRow
from protocols.errors import DataError

Kind = Literal["official", "derived", "synthetic"]


@dataclass(frozen=True, kw_only=True)
class Inventory:
    """A corpus folder, compared with the manifest. Paths are absolute; clips go by their names."""

    corpus: str
    folder: Path
    kind: Kind
    expected: int  # clips
    official: int  # files that are the owner's, byte for byte
    files: dict[str, Path]  # the usable ones, by clip, in the manifest's order
    hashes: dict[str, str]  # clip -> SHA-256 of its file
    sounds: dict[str, str]  # clip -> SHA-256 of its samples, at 16 kHz, mono, 16 bit
    seconds: dict[str, float]
    missing: tuple[ManifestRow, ...]
    unknown: tuple[Path, ...]  # audio whose name the parser does not know
    extra: tuple[Path, ...]  # a clip that is not in the manifest, or a second file of one that is
    unreadable: dict[Path, str]  # why not
    pointers: tuple[Path, ...]  # of Git LFS, without audio
    identical: tuple[tuple[str, ...], ...]  # clips that sound the same and are labelled differently
    odd: Oddities
    condition: str = ""  # of benchmark.audio.acoustic_conditions, under which its clips are given

    @property
    def unexpected(self) -> tuple[Path, ...]:
        """All audio files that the manifest does not ask for."""
        return self.unknown + self.extra

    @property
    def complete(self) -> bool:
        """Whether every expected clip can be used and no name is strange: `corpora check` exits 0."""
        return len(self.files) == self.expected and not (self.unknown or self.unreadable or self.pointers)

    @cached_property
    def digest(self) -> str:
        """The corpus copy's digest: SHA-256 over sorted "clip sha256" lines of the usable files."""
        return copy_digest(self.hashes)


def copy_digest(hashes: Mapping[str, str]) -> str:
    """The digest of a copy whose clips have these SHA-256s, by their names."""
    lines = sorted(f"{clip} {sha256}\n" for clip, sha256 in hashes.items())
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def corpora_folder(named: str) -> Path:
    """The folder of the corpora that is named so; "demo" is that of the embedded ones, made if need be.

    DataError where there is none.
    """
    if named == "demo":
        from benchmark.corpora import embedded

        return embedded.ensure()
    folder = places.expanded(named)
    if not folder.is_dir():
        what = "it is a file, and no folder" if folder.is_file() else "there is no such folder"
        raise DataError(f"{folder}: {what}. Check --data or UNHEARD_DATA.")
    return folder


def take(corpus: Corpus, folder: Path, *, jobs: int = 1, progress: Progress | None = None) -> Inventory:
    """Compare `folder` (the corpus's own, e.g. DIR/emodb) with the manifest; files are read `jobs` at a time.

    Files that did not change since they were last examined are not read again. Raises DataError where the
    folder does not exist, holds nothing of the corpus, or holds it one folder too deep.
    """
    from benchmark.corpora.embedded import MARKER

    if not folder.is_dir():
        cure = lookalikes.hint(corpus, folder.parent) or "Check --data."
        raise DataError(f"{corpus.name}: there is no folder {folder}. {cure}")
    folder = folder.resolve()
    match = layout.match(corpus, layout.audio_files(folder), folder=folder)
    facts = examine(folder, match.chosen.values(), jobs=jobs, progress=progress)
    found = {clip: facts[path] for clip, path in match.chosen.items()}
    good = {clip: fact for clip, fact in found.items() if not fact.problem}
    synthetic = (folder / MARKER).exists()
    expected = _expected(corpus, match.chosen, synthetic=synthetic)
    official = sum(fact.sha256 == clip.sha256 for clip in expected if (fact := good.get(clip.clip)))
    bad = {folder / match.chosen[clip]: fact for clip, fact in found.items() if fact.problem}
    derived: Kind = "official" if official == len(corpus.manifest) else "derived"
    return Inventory(
        corpus=corpus.name,
        folder=folder,
        kind="synthetic" if synthetic else derived,
        expected=len(expected),
        official=official,
        files={clip: folder / match.chosen[clip] for clip in good},
        hashes={clip: fact.sha256 for clip, fact in good.items()},
        sounds={clip: fact.sound for clip, fact in good.items()},
        seconds={clip: fact.seconds for clip, fact in good.items()},
        missing=tuple(clip for clip in expected if clip.clip not in found),
        unknown=tuple(folder / path for path in match.unknown),
        extra=tuple(folder / path for path in match.extra),
        unreadable={path: fact.problem for path, fact in bad.items() if not fact.pointer},
        pointers=tuple(path for path, fact in bad.items() if fact.pointer),
        identical=_identical(corpus, {clip: fact.sound for clip, fact in good.items()}),
        odd=oddities.find(good),
    )


def _expected(corpus: Corpus, found: Iterable[str], *, synthetic: bool) -> tuple[ManifestRow, ...]:
    """The manifest; of a synthetic miniature only what the synthesis selects."""
    if not synthetic:
        return corpus.manifest
    from benchmark.corpora import embedded

    small = tuple(embedded.select(corpus))
    return small if {clip.clip for clip in small} >= set(found) else corpus.manifest


def _identical(corpus: Corpus, sounds: dict[str, str]) -> tuple[tuple[str, ...], ...]:
    alike, label = defaultdict(list), {clip.clip: clip.emotion for clip in corpus.manifest}
    for clip, sound in sounds.items():
        alike[sound].append(clip)
    return tuple(tuple(group) for group in alike.values() if len({label[clip] for clip in group}) > 1)
