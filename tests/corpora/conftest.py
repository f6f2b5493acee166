"""A corpus of three clips that a site offers as an archive, or file by file."""

import hashlib
import io
from dataclasses import replace
from pathlib import PurePosixPath

import numpy as np
import pytest
import soundfile

from protocols.corpora import Corpus, ManifestRow, Source, write_manifest
from protocols.errors import UnknownName


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("UNHEARD_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("UNHEARD_DATA", raising=False)


def parse(path: PurePosixPath) -> ManifestRow:
    if path.stem not in ("a1", "a2", "a3"):
        raise UnknownName(f"toy: {path}")
    return ManifestRow(path.stem, f"wav/{path.stem}.wav", "a", "female", "joy", path.stem)


@pytest.fixture
def clips():
    """The bytes of three clips, by their official paths."""

    def one(seed):
        file = io.BytesIO()
        soundfile.write(file, np.random.default_rng(seed).uniform(-0.5, 0.5, 800), 16_000, format="WAV")
        return file.getvalue()

    return {f"wav/a{n}.wav": one(n) for n in (1, 2, 3)}


@pytest.fixture
def corpus(site, tmp_path, clips):
    rows = [
        parse(PurePosixPath(path))._replace(sha256=hashlib.sha256(data).hexdigest())
        for path, data in clips.items()
    ]
    write_manifest(rows, tmp_path / "toy.csv")
    return Corpus(
        name="toy", title="Toy", language="", citation="", licence="", homepage="", obtain="Ask the owner.",
        labels=("joy",), speakers={"a": "female"}, parse=parse, manifest_file=tmp_path / "toy.csv",
        sources=(Source(url=f"{site.url}/toy.zip"),),
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "toy"


@pytest.fixture
def by_file(site, corpus, clips):
    """The corpus, file by file."""
    site.content |= {f"/master/{path}": data for path, data in clips.items()}
    return replace(corpus, sources=(Source(url=f"{site.url}/master/{{path}}", archive="file"),))
