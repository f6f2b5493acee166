"""All clips of the corpora that a protocol takes its folds from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from protocols.corpora import Corpus, ManifestRow


@dataclass(frozen=True)
class Population:
    """Where there are several corpora, their clips, speakers and sentences are named "corpus/name"."""

    corpora: tuple[Corpus, ...]
    mapping: Mapping[str, str]  # a corpus's label -> the shared one; empty = the corpus's own labels

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The full label set, in the order of the confusion matrices' rows."""
        return tuple(sorted(set(self.mapping.values()))) if self.mapping else self.corpora[0].labels

    @cached_property
    def rows(self) -> tuple[ManifestRow, ...]:
        """The manifests' rows, in the corpora's order; clips whose label is not shared are left out."""
        return tuple(
            row
            for corpus in self.corpora
            for clip in corpus.manifest
            if (row := self._shared(clip, several=len(self.corpora) > 1)) is not None
        )

    @cached_property
    def by_clip(self) -> dict[str, ManifestRow]:
        """The rows by their clips' names."""
        return {row.clip: row for row in self.rows}

    @cached_property
    def speakers(self) -> dict[str, str]:
        """Speaker -> sex, of those that have clips here."""
        return {row.speaker: row.sex for row in self.rows}

    def own_name(self, row: ManifestRow) -> str:
        """The name that a row's clip has within its corpus."""
        return row.clip.removeprefix(f"{row.corpus}/") if len(self.corpora) > 1 else row.clip

    def _shared(self, clip: ManifestRow, *, several: bool) -> ManifestRow | None:
        emotion = self.mapping.get(clip.emotion, "") if self.mapping else clip.emotion
        if not emotion:
            return None
        clip = clip._replace(emotion=emotion)
        return qualified(clip) if several else clip


def qualified(row: ManifestRow) -> ManifestRow:
    """The row with names that are unique among corpora."""
    corpus = row.corpus
    return row._replace(
        clip=f"{corpus}/{row.clip}",
        speaker=f"{corpus}/{row.speaker}",
        sentence=f"{corpus}/{row.sentence}",
    )
