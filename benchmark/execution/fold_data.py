"""A fold's clips as arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmark.execution.task import Task
from benchmark.features import enrolment, feature_store, stack
from benchmark.features.inputs import Inputs, StackedStore, Store
from benchmark.features.stack import Stack
from benchmark.models import plugins
from benchmark.records import answers
from protocols import folds
from protocols.contract import ClipBatch, Params
from protocols.corpora import ManifestRow
from protocols.folds import Protocol, Split
from protocols.population import Population


@dataclass(frozen=True)
class Data:
    """A fold's clips, as these features are given to a model: copies, each part's its own."""

    plugin: plugins.Plugin
    features: Stack  # as which the clips are given
    protocol: Protocol
    whole: Population  # all clips of its corpora
    clips: list[ManifestRow]  # that the corpus copies have, in the manifests' order
    labels: np.ndarray  # (n,)
    speakers: np.ndarray  # (n,)
    stores: Sequence[Mapping[str, Store | StackedStore]]  # by corpus: of the clips, then of each copy
    parts: Split
    seed: int = 0  # by which enrolment is drawn

    def given(self, params: Params) -> Data:
        """The same, as a model with these parameters is given it: a clip's level may be removed."""
        features = self.plugin.features_with(params)
        if features == self.features:
            return self
        stores = [{name: store.given(features) for name, store in each.items()} for each in self.stores]
        return replace(self, features=features, stores=stores)

    def train(self, rows: np.ndarray) -> ClipBatch:
        numbers = () if self.protocol.copies else range(1, len(self.stores))  # the model's own copies
        copies = [self._inputs(rows, copy=number) for number in numbers]
        return self._enrolled(replace(self._labelled(rows), copies=copies), rows, rows)

    def validation(self, rows: np.ndarray) -> ClipBatch:
        return self._enrolled(self._labelled(rows), rows, rows)

    def hidden(self, rows: np.ndarray, *, among: np.ndarray | None = None) -> ClipBatch:
        """`among`: the clips of which enrolment is drawn, where they are more than `rows`."""
        return self._enrolled(self._plain(rows), rows, rows if among is None else among)

    def test_order(self, key: str) -> np.ndarray:
        """A permutation of the test clips that follows from this text; the manifest's order tells labels."""
        digests = [
            hashlib.sha256(f"{key} {self.clips[row].clip}".encode()).digest() for row in self.parts.test
        ]
        return np.array(sorted(range(len(digests)), key=digests.__getitem__), dtype=np.int64)

    def _plain(self, rows: np.ndarray) -> ClipBatch:
        return ClipBatch(self._inputs(rows), frames=self._frames)

    def _labelled(self, rows: np.ndarray) -> ClipBatch:
        return replace(self._plain(rows), labels=self.labels[rows], speakers=self.speakers[rows])

    def _enrolled(self, clips: ClipBatch, rows: np.ndarray, among: np.ndarray) -> ClipBatch:
        """With other clips of each one's speaker, where the model is run with enrolment."""
        if not self.plugin.enrolment:
            return clips
        pool = dict(zip(among.tolist(), self._inputs(among), strict=True))
        drawn = (self._others(row, among, copy) for copy in range(1 + len(clips.copies)) for row in rows)
        return replace(clips, enrolment=[[pool[other] for other in each] for each in drawn])

    def _others(self, row: int, among: np.ndarray, copy: int) -> list[int]:
        """Those of these clips that are drawn for a clip, or its k-th copy; never itself."""
        own = np.sort(among[(self.speakers[among] == self.speakers[row]) & (among != row)])
        name = hashlib.sha256(self.clips[row].clip.encode()).digest()
        luck = [self.seed, copy, *name[:8]]
        found: list[int] = enrolment.drawn(own, self.plugin.enrolment, seed=luck).tolist()
        return found

    @property
    def classes(self) -> tuple[str, ...]:
        """The full label set."""
        return self.whole.labels

    @property
    def _frames(self) -> int | None:
        return stack.limit(self.features)

    def _inputs(self, rows: np.ndarray, *, copy: int = 0) -> Inputs:
        """Of these rows, or of the k-th augmented copies of their clips."""
        found: list[np.ndarray] = []
        for clip in (self.clips[row] for row in rows):
            store = self.stores[copy or clip.copy][clip.corpus]
            found += store.inputs([self.whole.own_name(clip)], frames=self._frames)
        return tuple(found)


def load(task: Task, protocol: Protocol, whole: Population | None = None) -> Data:
    """The arrays of a fold; `whole` where the manifests are others than the installed ones."""
    whole, plugin = whole or folds.population(protocol), plugins.load(task.model)
    stores = [
        {
            name: feature_store.load(home, plugin.features)
            for name, home in zip(protocol.corpora, homes, strict=True)
        }
        for homes in zip(*task.placed, strict=True)  # of each corpus, copy by copy
    ]
    clips = [row for row in whole.rows if whole.own_name(row) in stores[0][row.corpus].spans]
    codes = {speaker: code for code, speaker in enumerate(sorted(whole.speakers))}
    return Data(
        plugin=plugin,
        features=plugin.features,
        protocol=protocol,
        whole=whole,
        clips=clips,
        labels=answers.indices(clips, whole.labels),
        speakers=np.array([codes[clip.speaker] for clip in clips], dtype=np.int64),
        stores=stores,
        parts=folds.split(protocol, protocol.folds[task.fold], clips),
        seed=task.seed,
    )
