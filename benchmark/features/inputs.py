"""Features of many clips in one array, in memory or a memory-mapped file; a model is given copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmark.features import stack

Inputs = tuple[np.ndarray, ...]  # (frames, channels) of each clip, read-only


@dataclass(frozen=True)
class Store:
    """The features of some clips through one front end. Clips go by name."""

    frames: np.ndarray  # (frames of all clips, channels)
    spans: Mapping[str, tuple[int, int]]  # clip -> its first frame, and the one after its last
    half: bool = False  # whether its numbers are rounded to 16 bits before they are given

    def inputs(self, clips: Sequence[str], *, frames: int | None = None) -> Inputs:
        """Copies of these clips in this order, each cropped to its middle `frames` where it is longer.

        Copies: an array that is a view leads to the whole corpus, and its address to the clip's name.
        """
        return tuple(_own([clip]) for clip in self.views(clips, frames))

    def views(self, clips: Sequence[str], frames: int | None) -> list[np.ndarray]:
        """The same, without a copy where nothing is rounded."""
        spans = (_middle(*self.spans[clip], frames) for clip in clips)
        found = [self.frames[start:stop] for start, stop in spans]
        return [stack.rounded(clip) for clip in found] if self.half else found


@dataclass(frozen=True)
class StackedStore:
    """The same through several front ends, each with the same frames of every clip; see `stacked`."""

    each: tuple[Store, ...]

    @property
    def spans(self) -> Mapping[str, tuple[int, int]]:
        """Of the first; the others have the same clips."""
        return self.each[0].spans

    def inputs(self, clips: Sequence[str], *, frames: int | None = None) -> Inputs:
        """Copies of these clips in this order, cropped alike, all front ends' channels side by side."""
        each = [store.views(clips, frames) for store in self.each]
        return tuple(_own(channels) for channels in zip(*each, strict=True))


def stacked(names: Sequence[str], each: Sequence[Store]) -> Store | StackedStore:
    """Stores of the same clips as one; PluginError, naming two front ends, where a clip's frames differ."""
    if len(each) == 1:
        return each[0]
    for clip in each[0].spans:
        spans = [store.spans[clip] for store in each]
        stack.check_frames(names, [stop - start for start, stop in spans])
    return StackedStore(tuple(each))


def _own(channels: Sequence[np.ndarray]) -> np.ndarray:
    """One clip in memory of its own: (frames, channels of all)."""
    clip = np.concatenate(channels, axis=1)
    clip.flags.writeable = False
    return clip


def _middle(start: int, stop: int, frames: int | None) -> tuple[int, int]:
    if frames is None or stop - start <= frames:
        return start, stop
    first = start + (stop - start - frames) // 2
    return first, first + frames
