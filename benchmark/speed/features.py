"""MFCCs and log-Mel bands of all models by the store against a loop that computes the same ones by librosa.

Each side is a process of its own, which does it twice: from the start of Python (cold), and once more (warm).
The store has all cores, a loop has one. Decoding alone is timed beside, on all cores.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from benchmark.audio import reader
from benchmark.compute import local_processes, machine
from benchmark.features import feature_store, front_ends
from benchmark.models import plugins
from benchmark.models.plugins import Plugin
from benchmark.speed import apart, speech_clips
from benchmark.speed.comparison import Comparison, Row
from protocols.contract import Features

FILES = 256
KNOWN = ("mfcc", "log-mel")


def rows(given: Sequence[Plugin], device: str) -> Iterator[Row]:  # noqa: ARG001  (a processor's work)
    """Cold and warm; then, of the store alone, warm beside decoding."""
    names = [plugin.reference for plugin in given if wanted([plugin])]
    with tempfile.TemporaryDirectory(prefix="unheard-") as temporary:
        root = Path(temporary)
        (root / "clips").mkdir()
        speech_clips.write(root / "clips", files=FILES)
        took = {
            side: apart.module("features", [side, root / "clips", *names], cache=root)
            for side in ("store", "librosa", "decode")
        }
    cold = {side: whole - sum(warm) for side, (whole, (_, *warm)) in took.items()}
    warm = {side: seconds[1] for side, (_, seconds) in took.items()}
    yield Row("cold", cold["store"], cold["librosa"])
    yield Row("warm", warm["store"], warm["librosa"])
    yield Row("warm; other: decoding alone", warm["store"], warm["decode"])


COMPARISON = Comparison(
    name="features", ours="the store of features", other="a librosa loop", rows=rows, default=False
)


def wanted(given: Sequence[Plugin]) -> list[Features]:
    """What these models ask for of MFCCs and log-Mel bands, each once; without augmented copies."""
    found = {
        json.dumps(front_ends.resolved(each)): replace(each, copies=0, augmentation=())
        for plugin in given
        for each in plugin.features
        if each.front_end in KNOWN
    }
    return list(found.values())


def store(folder: Path, features: Sequence[Features]) -> None:
    """As of another corpus copy each time, so that nothing is there."""
    found = speech_clips.taken(folder)
    found.hashes["copy"] = str(time.time_ns())
    feature_store.ensure([((each,), found) for each in features], jobs=machine.cores())


def librosa_loop(folder: Path, features: Sequence[Features]) -> None:
    from benchmark.audio.librosa_import import librosa

    for path in sorted(folder.glob("*.flac")):
        wave, _ = librosa.load(path, sr=reader.RATE)
        for each in features:
            by_librosa(each, wave)


def by_librosa(features: Features, wave: np.ndarray) -> np.ndarray:
    """(frames, channels) of a clip, as `front_ends.compute` gives them but for rounding."""
    from benchmark.audio.librosa_import import librosa

    asked: dict[str, Any] = front_ends.options(features)
    if asked.get("seconds"):
        wave = librosa.util.fix_length(wave, size=round(asked["seconds"] * reader.RATE))
    bands = librosa.power_to_db(
        librosa.feature.melspectrogram(
            y=wave, sr=reader.RATE, n_fft=asked["n_fft"], hop_length=asked["hop"], n_mels=asked["n_mels"],
            win_length=asked.get("window") or None, pad_mode="constant",
            window="hamming" if asked.get("hamming") else "hann",
        )
    )  # fmt: skip
    if features.front_end == "mfcc":
        stack = [librosa.feature.mfcc(S=bands, n_mfcc=asked["n_mfcc"])]
        for _ in range(asked["deltas"]):
            stack.append(librosa.feature.delta(stack[-1], width=5))
        bands = np.concatenate(stack)
    elif asked["resize"]:
        bands = _resized(bands, asked["resize"])
    out = bands.T
    if features.functionals:
        out = np.concatenate([getattr(np, name)(out, axis=0) for name in features.functionals])[None]
    return np.ascontiguousarray(out, dtype=np.float32)


def _resized(bands: np.ndarray, frames: int) -> np.ndarray:
    import torch

    image = torch.from_numpy(bands)[None, None]
    size = (len(bands), frames)
    return torch.nn.functional.interpolate(image, size=size, mode="bilinear", antialias=True)[0, 0].numpy()


def decode(folder: Path, features: Sequence[Features]) -> None:  # noqa: ARG001
    """On all cores, by workers that are there already the second time."""
    paths = sorted(folder.glob("*.flac"))
    list(_pool().map(_read, paths, chunksize=16))


def _read(path: Path) -> int:
    return len(reader.read(path))


_pools: list[ProcessPoolExecutor] = []


def _pool() -> ProcessPoolExecutor:
    if not _pools:
        _pools.append(local_processes.pool(machine.cores()))
    return _pools[0]


SIDES: dict[str, Callable[[Path, Sequence[Features]], None]] = {
    "store": store, "librosa": librosa_loop, "decode": decode,
}  # fmt: skip


def main(side: str, folder: str, *names: str) -> None:
    """What a process of its own does: one side, twice; its seconds as JSON."""
    features, seconds = wanted([plugins.load(name) for name in names]), []
    modules = {name for each in features for name in front_ends.declaration(each).imports}
    local_processes.preload(sorted(modules))
    for _ in range(2):
        started = time.perf_counter()
        SIDES[side](Path(folder), features)
        seconds.append(time.perf_counter() - started)
    print(json.dumps(seconds))
    for pool in _pools:
        pool.shutdown()
