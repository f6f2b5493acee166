"""A corpus: what it is, where to get it, and which speaker, sentence and emotion its file names name."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Any, Literal, NamedTuple

from protocols import registry
from protocols.errors import DataError, RegistryError

RENAMED = {"Clip": "ManifestRow"}  # what earlier versions called them


def __getattr__(name: str) -> Any:
    """ImportError with the new word, where a corpus's package asks for an old one."""
    if name in RENAMED:
        raise ImportError(f"protocols.corpora.{name} is now called {RENAMED[name]}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


class ManifestRow(NamedTuple):
    """One utterance: a row of a manifest."""

    clip: str  # unique in its corpus, e.g. "DC_a01"
    path: str  # in the official layout, e.g. "AudioData/DC/a01.wav"
    speaker: str
    sex: str  # "female" or "male"
    emotion: str  # the acted intent
    sentence: str  # same id, same words
    intensity: str = ""  # "" where the corpus has none
    sha256: str = ""  # of the official file; "" while unknown
    # In no manifest file:
    corpus: str = ""  # its name
    copy: int = 0  # k: the row is of the clip's k-th altered copy, where a protocol has such rows


@dataclass(frozen=True, kw_only=True)
class Source:
    """One official download. `sha256` or `md5` is of the archive, "" where its owner publishes none."""

    url: str
    archive: Literal["zip", "file"] = "zip"
    strip: str = ""  # leading folder inside the archive that the official layout does not have
    into: str = ""  # folder of the official layout that the archive's contents belong in
    md5: str = ""
    bytes: int = 0
    tried: bool = False  # whether this address has been seen to answer; docs mark those that have not


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A corpus as its owners publish it. `parse` reads a path relative to the corpus's folder."""

    name: str
    title: str
    language: str
    citation: str
    licence: str
    homepage: str
    obtain: str  # in words, for a person: where and how
    labels: tuple[str, ...]
    speakers: Mapping[str, str]  # speaker -> sex
    parse: Callable[[PurePosixPath], ManifestRow]  # raises UnknownName
    sources: tuple[Source, ...] = ()
    defects: tuple[str, ...] = ()
    human: str = ""  # how well people do, with its source
    manifest_file: Path | None = field(default=None, compare=False)

    @cached_property
    def manifest(self) -> tuple[ManifestRow, ...]:
        """Every clip of the corpus, ordered by name; DataError where the file is no manifest of it."""
        try:
            rows = csv.DictReader(io.StringIO(self._manifest_bytes.decode(), newline=""))
            clips = tuple(ManifestRow(**row, corpus=self.name, copy=0) for row in rows)
        except (UnicodeDecodeError, csv.Error, TypeError) as error:
            raise DataError(f"{self.name}: {self._manifest_path} is not a manifest: {error}") from error
        for clip in clips:
            if clip.emotion not in self.labels or clip.speaker not in self.speakers:
                raise DataError(
                    f"{self.name}: {self._manifest_path}: {clip.clip} has emotion {clip.emotion!r} and "
                    f"speaker {clip.speaker!r}, and the corpus does not declare both."
                )
        return clips

    @cached_property
    def manifest_digest(self) -> str:
        """SHA-256 of the manifest file: what a split is bound to."""
        return hashlib.sha256(self._manifest_bytes).hexdigest()

    @property
    def _manifest_bytes(self) -> bytes:
        try:
            return self._manifest_path.read_bytes()
        except OSError as error:
            raise DataError(
                f"{self.name}: {self._manifest_path}: {error.strerror}. To write the manifest: "
                f"python -m benchmark corpora manifest {self.name} --data DIR --out FILE."
            ) from error

    @property
    def _manifest_path(self) -> Path:
        return self.manifest_file or Path(str(files("protocols"))) / "manifests" / f"{self.name}.csv"


def load(name: str) -> Corpus:
    """The corpus called `name`; `RegistryError` where there is none."""
    corpus = registry.load("corpora", name)
    if not isinstance(corpus, Corpus) or corpus.name != name:
        raise RegistryError(f"{name}: its entry point must name a `Corpus` that is called so.")
    return corpus


def write_manifest(clips: list[ManifestRow], path: Path) -> None:
    """Write clips as the CSV that `Corpus.manifest` reads, ordered by name."""
    with path.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(ManifestRow._fields[:-2])
        rows.writerows(clip[:-2] for clip in sorted(clips))
