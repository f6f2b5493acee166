"""Features of many clips in one array, in memory or a memory-mapped file; a model is given copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.features import front_ends, stack
from benchmark.features.stack import Stack
from protocols.contract import Features

Inputs = tuple[np.ndarray, ...]  # (frames, channels) of each clip, read-only


@dataclass(frozen=True)
class Store:
    """The features of some clips through one front end. Clips go by name."""

    frames: np.ndarray  # (frames of all clips, channels)
    spans: Mapping[str, tuple[int, int]]  # clip -> its first frame, and the one after its last
    features: Features | None = None  # as which they are given; None: as they are

    def inputs(self, clips: Sequence[str], *, frames: int | None = None) -> Inputs:
        """Copies of these clips in this order, each cropped to its middle `frames` where it is longer.

        Copies: an array that is a view leads to the whole corpus, and its address to the clip's name.
        """
        return tuple(_own([clip]) for clip in self.views(clips, frames))

    def views(self, clips: Sequence[str], frames: int | None) -> list[np.ndarray]:
        """The same, without a copy where they are given as they are."""
        found = [self.frames[slice(*self.spans[clip])] for clip in clips]
        if self.features:
            found = [front_ends.given(self.features, clip) for clip in found]
        return [_middle(clip, frames) for clip in found]

    def given(self, features: Stack) -> Store:
        """The same, as a model with these features is given it."""
        (own,) = features
        return replace(self, features=own)


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

    def given(self, features: Stack) -> StackedStore:
        """The same, as a model with these features is given it."""
        return StackedStore(
            tuple(store.given((own,)) for store, own in zip(self.each, features, strict=True))
        )


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


def _middle(clip: np.ndarray, frames: int | None) -> np.ndarray:
    if frames is None or len(clip) <= frames:
        return clip
    first = (len(clip) - frames) // 2
    return clip[first : first + frames]
