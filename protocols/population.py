"""All clips of the corpora that a protocol takes its folds from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from protocols.corpora import Corpus, ManifestRow


@dataclass(frozen=True)
class Population:
    """Where there are several corpora, their clips, speakers and sentences are named "corpus/name".

    With altered copies of the clips, each is a row of its own, such as "03a01Fa#2" after "03a01Fa".
    """

    corpora: tuple[Corpus, ...]
    mapping: Mapping[str, str]  # a corpus's label -> the shared one; empty = the corpus's own labels
    copies: int = 0  # altered copies of each clip that are rows too

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
            if (own := self._shared(clip, several=len(self.corpora) > 1)) is not None
            for row in (own, *(altered(own, copy) for copy in range(1, 1 + self.copies)))
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
        """The name that a row's clip has within its corpus; of an altered copy, its clip's."""
        return source(row).removeprefix(f"{row.corpus}/") if len(self.corpora) > 1 else source(row)

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


def altered(row: ManifestRow, copy: int) -> ManifestRow:
    """The row of a clip's k-th altered copy: no official file has its sound."""
    return row._replace(clip=f"{row.clip}#{copy}", copy=copy, sha256="")


def source(row: ManifestRow) -> str:
    """The name of the row's clip; of an altered copy, that of the clip that was altered."""
    return row.clip.removesuffix(f"#{row.copy}") if row.copy else row.clip
