"""A fold's clips as arrays."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from benchmark.execution.task import Task
from benchmark.features import feature_store, stack
from benchmark.features.inputs import StackedStore, Store
from benchmark.models import plugins
from benchmark.records import answers
from protocols import corpora, folds
from protocols.contract import ClipBatch
from protocols.corpora import Corpus, ManifestRow
from protocols.folds import Protocol, Split


@dataclass(frozen=True)
class Data:
    """A fold's clips as arrays; `hidden` gives no labels away."""

    plugin: plugins.Plugin
    corpus: Corpus
    clips: list[ManifestRow]  # that the corpus copy has, in the manifest's order
    labels: np.ndarray  # (n,)
    speakers: np.ndarray  # (n,)
    stores: list[Store | StackedStore]  # of the clips as they are, then of their augmented copies
    parts: Split

    def train(self, rows: np.ndarray) -> ClipBatch:
        copies = [store.inputs(self._names(rows), frames=self._frames) for store in self.stores[1:]]
        return replace(self.validation(rows), copies=copies)

    def validation(self, rows: np.ndarray) -> ClipBatch:
        return replace(self.hidden(rows), labels=self.labels[rows], speakers=self.speakers[rows])

    def hidden(self, rows: np.ndarray) -> ClipBatch:
        inputs = self.stores[0].inputs(self._names(rows), frames=self._frames)
        return ClipBatch(inputs, frames=self._frames)

    @property
    def _frames(self) -> int | None:
        return stack.limit(self.plugin.features)

    def _names(self, rows: np.ndarray) -> list[str]:
        return [self.clips[row].clip for row in rows]


def load(task: Task, protocol: Protocol, corpus: Corpus | None = None) -> Data:
    """The arrays of a fold; `corpus` where its manifest is another than the installed one's."""
    corpus = corpus or corpora.load(protocol.corpora[0])
    stores = [feature_store.load(folder) for folder in task.features]
    clips = [clip for clip in corpus.manifest if clip.clip in stores[0].spans]
    codes = {speaker: code for code, speaker in enumerate(sorted(corpus.speakers))}
    return Data(
        plugin=plugins.load(task.model),
        corpus=corpus,
        clips=clips,
        labels=answers.indices(clips, corpus.labels),
        speakers=np.array([codes[clip.speaker] for clip in clips], dtype=np.int64),
        stores=stores,
        parts=folds.split(protocol, protocol.folds[task.fold], clips),
    )
