"""Predictions where labels can be found, as a cheat would look for them: they must be those without.

The clips lie in a memory-mapped file, with an index of their names beside it, in the order of the manifest;
what they come in has the places where they lie; the caller's variables hold their labels.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, overload

import numpy as np

from benchmark.checks import example_clips
from benchmark.features.chunks import FRAMES, INDEX
from benchmark.models.plugins import Plugin
from protocols.contract import ClipBatch, Model

TELLING = ("frames", "spans", "base", "clips", "names", "paths", "index", "starts", "store", "rows", "each")


@dataclass(frozen=True)
class Mapped(Sequence[np.ndarray]):
    """Views of a memory-mapped file, which notes who asks for more than its clips."""

    frames_: np.ndarray
    spans_: np.ndarray  # (n, 2)
    asked: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.spans_)

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, index: slice) -> Mapped: ...
    def __getitem__(self, index: int | slice) -> np.ndarray | Mapped:
        if isinstance(index, slice):
            return Mapped(self.frames_, self.spans_[index], self.asked)
        start, stop = self.spans_[index]
        return self.frames_[start:stop]

    def __getattr__(self, name: str) -> Any:
        if name not in TELLING:
            raise AttributeError(name)
        if name not in self.asked:
            self.asked.append(name)
        known = {"frames": self.frames_, "spans": self.spans_, "rows": np.arange(len(self.spans_))}
        return known.get(name, self.spans_[:, 0])


@dataclass(frozen=True)
class Data:
    """What the engine's variables of this name lead to."""

    labels: np.ndarray
    speakers: np.ndarray


def predicted(model: Model, clips: ClipBatch, plugin: Plugin) -> tuple[Any, list[str]]:
    """The predictions for the test clips, and what was asked of their inputs beside them."""
    assert clips.labels is not None
    assert clips.speakers is not None
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / f"{example_clips.CORPUS}-{plugin.features[0].front_end}-{0:016x}"
        inputs = _laid_out(home, clips)
        hidden = replace(clips, inputs=inputs, labels=None, speakers=None)
        data, rows = Data(clips.labels, clips.speakers), np.arange(len(clips))
        return _asked(model, hidden, data, rows), inputs.asked


def _asked(model: Model, clips: ClipBatch, data: Data, rows: np.ndarray) -> Any:  # noqa: ARG001  (they are bait)
    return model.predict_proba(clips)


def _laid_out(home: Path, clips: ClipBatch) -> Mapped:
    """The clips in a file as the store writes it."""
    home.mkdir()
    ends = np.cumsum([len(clip) for clip in clips.inputs])
    starts = [0, *ends.tolist()]
    np.save(home / FRAMES, np.concatenate(list(clips.inputs)))
    (home / INDEX).write_text(json.dumps({"clips": example_clips.recordings(1)[2].names, "starts": starts}))
    frames = np.load(home / FRAMES, mmap_mode="r")
    return Mapped(frames, np.stack([starts[:-1], starts[1:]], axis=1))
