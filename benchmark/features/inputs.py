"""Clips as a model is given them: views of features in memory, or in a memory-mapped file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np

from benchmark.features import stack


@dataclass(frozen=True)
class Inputs(Sequence[np.ndarray]):
    """`inputs[i]`: (frames, channels) of clip i, read-only where the file is."""

    frames: np.ndarray
    spans: np.ndarray  # (n, 2)

    def __len__(self) -> int:
        return len(self.spans)

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, index: slice) -> Inputs: ...
    def __getitem__(self, index: int | slice) -> np.ndarray | Inputs:
        if isinstance(index, slice):
            return Inputs(self.frames, self.spans[index])
        start, stop = self.spans[index]
        return self.frames[start:stop]


@dataclass(frozen=True)
class StackedInputs(Sequence[np.ndarray]):
    """The same of several front ends, whose channels are put side by side when a clip is read."""

    each: tuple[Inputs, ...]

    def __len__(self) -> int:
        return len(self.each[0])

    @overload
    def __getitem__(self, index: int) -> np.ndarray: ...
    @overload
    def __getitem__(self, index: slice) -> StackedInputs: ...
    def __getitem__(self, index: int | slice) -> np.ndarray | StackedInputs:
        if isinstance(index, slice):
            return StackedInputs(tuple(inputs[index] for inputs in self.each))
        clip = np.concatenate([inputs[index] for inputs in self.each], axis=1)
        clip.flags.writeable = False
        return clip


@dataclass(frozen=True)
class Store:
    """The features of some clips through one front end. Clips go by name."""

    frames: np.ndarray  # (frames of all clips, channels)
    spans: Mapping[str, tuple[int, int]]  # clip -> its first frame, and the one after its last

    def inputs(self, clips: Sequence[str], *, frames: int | None = None) -> Inputs:
        """These clips' features in this order, each cropped to its middle `frames` where it is longer."""
        return Inputs(self.frames, np.array([_middle(*self.spans[clip], frames) for clip in clips]))


@dataclass(frozen=True)
class StackedStore:
    """The same through several front ends, each with the same frames of every clip; see `stacked`."""

    each: tuple[Store, ...]

    @property
    def spans(self) -> Mapping[str, tuple[int, int]]:
        """Of the first; the others have the same clips."""
        return self.each[0].spans

    def inputs(self, clips: Sequence[str], *, frames: int | None = None) -> StackedInputs:
        """These clips' features in this order, each cropped to its middle `frames` where it is longer."""
        return StackedInputs(tuple(store.inputs(clips, frames=frames) for store in self.each))


def stacked(names: Sequence[str], each: Sequence[Store]) -> Store | StackedStore:
    """Stores of the same clips as one; PluginError, naming two front ends, where a clip's frames differ."""
    if len(each) == 1:
        return each[0]
    for clip in each[0].spans:
        spans = [store.spans[clip] for store in each]
        stack.check_frames(names, [stop - start for start, stop in spans])
    return StackedStore(tuple(each))


def _middle(start: int, stop: int, frames: int | None) -> tuple[int, int]:
    if frames is None or stop - start <= frames:
        return start, stop
    first = start + (stop - start - frames) // 2
    return first, first + frames
