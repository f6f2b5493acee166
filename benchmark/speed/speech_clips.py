"""Clips of synthetic speech, 3 s each, as a corpus's inventory."""

from __future__ import annotations

import hashlib
from pathlib import Path

import soundfile

from benchmark.audio.reader import RATE
from benchmark.corpora import inventory, oddities
from benchmark.corpora.inventory import Inventory
from benchmark.cost import measure
from benchmark.records.schema import OFFICIAL


def write(folder: Path, *, files: int) -> list[Path]:
    """So many files, alike but for their loudness."""
    speech, paths = measure.speech(OFFICIAL), []
    for number in range(files):
        paths.append(folder / f"{number:05d}.flac")
        soundfile.write(paths[-1], speech * (0.5 + 0.5 * number / files), RATE, subtype="PCM_16")
    return paths


def taken(folder: Path, *, times: int = 1) -> Inventory:
    """The files of a folder, each under so many names."""
    paths = sorted(folder.glob("*.flac"))
    files = {f"{path.stem}-{copy}": path for copy in range(times) for path in paths}
    return inventory.Inventory(
        corpus="speed", folder=folder, kind="synthetic", expected=len(files), official=0, files=files,
        hashes={clip: hashlib.sha256(clip.encode()).hexdigest() for clip in files}, sounds={},
        seconds=dict.fromkeys(files, OFFICIAL), missing=(), unknown=(), extra=(), unreadable={}, pointers=(),
        identical=(), odd=oddities.find({}),
    )  # fmt: skip
