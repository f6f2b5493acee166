"""The embedded corpora: synthetic speech in the official layouts, for machines without any corpus."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

import numpy as np
import soundfile

from benchmark.audio import synthesis
from benchmark.storage import files, places
from protocols import registry
from protocols.corpora import Corpus, ManifestRow, load

VERSION = f"1+{synthesis.VERSION}"  # of what is written here, and of the voice
MARKER = "SYNTHETIC.txt"
LOCK = ".lock"  # held by the run that writes
NOTICE = """\
Synthetic speech, version {version}: no person speaks here.

unheard made these {n} files with a source-filter voice, under the names and in the layout of {title}.
They try out parsers, protocols and pages. No result on them says anything about speech.
"""

RATE = 16000
SYLLABLES, SYLLABLES_FULL = 4, 14  # about 0.8 and 2.5 seconds
# Clips a class and speaker; one for every other corpus.
LIMITS = {"savee": 3, "tess": 3, "emodb": 2, "emovo": 2}
CREMAD_BLOCKS = (1001, 1019, 1037, 1055, 1073)  # the first actor of each of the protocol's five blocks
CREMAD_ACTORS = 3  # women, and as many men, of each block
TESS_EVERY = slice(4, None, 5)  # the protocol's validation words, of all words in alphabetical order


def select(corpus: Corpus) -> tuple[ManifestRow, ...]:
    """The miniature's clips, ordered by name: every class of every speaker (of CREMA-D: of 30 speakers)."""
    clips = corpus.manifest
    if corpus.name == "cremad":
        speakers = _cremad_speakers(corpus)
        clips = tuple(clip for clip in clips if clip.speaker in speakers)
    validation = (
        set(sorted({clip.sentence for clip in clips})[TESS_EVERY]) if corpus.name == "tess" else set()
    )
    cells = groupby(sorted(clips, key=_cell), key=_cell)
    chosen = (_choose(list(cell), LIMITS.get(corpus.name, 1), validation) for _, cell in cells)
    return tuple(sorted(clip for cell in chosen for clip in cell))


def write(
    folder: Path,
    *,
    corpora: Sequence[str] | None = None,
    full: bool = False,
    instead: str = "Name another folder with --data",
) -> Path:
    """Write corpora (None: all) as 16 kHz, 16-bit WAV under `folder`, each whole or not at all.

    Gives `folder`. A corpus's folder that exists is left alone. `full` writes every clip of the manifests,
    and longer ones, on all cores. The same clip has the same bytes on every run. StoreError where `folder`
    cannot be written; `instead` is what to do then.
    """
    names = registry.names("corpora") if corpora is None else corpora
    missing = [load(name) for name in names if not (folder / name).exists()]
    if missing:
        with _store(folder, instead), files.lock(folder / LOCK, instead=instead):
            for corpus in missing:
                files.sweep(folder / corpus.name)
                if not (folder / corpus.name).exists():  # as another run may have written it meanwhile
                    _write_corpus(folder, corpus, full=full)
    return folder


def ensure() -> Path:
    """The folder of all miniature corpora, in the user's cache; made when this version is not there yet."""
    names = registry.names("corpora")
    return write(place(), corpora=names, instead="Name another folder with UNHEARD_CACHE")


def place() -> Path:
    """Where this version's lie."""
    return places.cache() / f"demo-{_digest(registry.names('corpora'))}"


def _cell(clip: ManifestRow) -> tuple[str, str]:
    return clip.speaker, clip.emotion


def _choose(clips: list[ManifestRow], limit: int, validation: set[str]) -> list[ManifestRow]:
    """`limit` clips without regard to their sentence, but one of them of `validation` where there is one."""
    ranked = sorted(clips, key=lambda clip: hashlib.sha256(clip.clip.encode()).digest())
    held = [clip for clip in ranked if clip.sentence in validation][:1]
    return held + [clip for clip in ranked if clip.sentence not in validation][: limit - len(held)]


def _cremad_speakers(corpus: Corpus) -> set[str]:
    """The first women and men of every block."""
    blocks = [
        [speaker for speaker in sorted(corpus.speakers) if first <= int(speaker) < after]
        for first, after in zip(CREMAD_BLOCKS, (*CREMAD_BLOCKS[1:], 1092), strict=True)
    ]
    of_sex = [
        [s for s in block if corpus.speakers[s] == sex] for block in blocks for sex in ("female", "male")
    ]
    return {speaker for group in of_sex for speaker in group[:CREMAD_ACTORS]}


def _write_corpus(folder: Path, corpus: Corpus, *, full: bool) -> None:
    clips = corpus.manifest if full else select(corpus)
    with files.folder(folder / corpus.name) as root:
        for parent in {(root / clip.path).parent for clip in clips}:
            parent.mkdir(parents=True, exist_ok=True)
        notice = NOTICE.format(version=VERSION, n=len(clips), title=corpus.title)
        (root / MARKER).write_text(notice, encoding="utf-8")
        jobs = [
            (root / clip.path, corpus.name, clip, SYLLABLES_FULL if full else SYLLABLES) for clip in clips
        ]
        if full:
            # Not forked: the caller may hold threads, and a fork copies their locks.
            with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn")) as pool:
                list(pool.map(_write_clip, jobs, chunksize=50))
        else:
            for job in jobs:
                _write_clip(job)


def _write_clip(job: tuple[Path, str, ManifestRow, int]) -> None:
    path, corpus, clip, syllables = job
    # The corpus's name keeps speaker 03 of one from having the voice of speaker 03 of another.
    samples = synthesis.utter(
        f"{corpus}/{clip.speaker}",
        clip.sex,
        clip.emotion,
        f"{corpus}/{clip.sentence}",
        intensity=clip.intensity,
        take=clip.clip,
        syllables=syllables,
        rate=RATE,
    )
    audio = io.BytesIO()
    whole = np.round(samples * 32767).astype(np.int16)
    soundfile.write(audio, whole, RATE, format="WAV", subtype="PCM_16")
    path.write_bytes(audio.getvalue())


def _digest(names: Sequence[str]) -> str:
    """What `ensure` would write, in 12 hex digits."""
    lines = [VERSION, *(repr((name, clip)) for name in names for clip in select(load(name)))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]


@contextmanager
def _store(folder: Path, instead: str) -> Iterator[None]:
    """Makes `folder`; StoreError, with what to do instead, where it or its contents cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise files.unwritable(folder, error, what="the embedded corpora", instead=instead) from error
