"""A ranking protocol, on which the other rungs of its corpus's ladder are built."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from protocols import corpora, folds, ladder
from protocols.corpora import Corpus, ManifestRow
from protocols.folds import Protocol
from protocols.split_rules import split_file


@dataclass(frozen=True)
class Base:
    """The ranking protocol and its corpus."""

    protocol: Protocol
    corpus: Corpus

    @property
    def rows(self) -> Sequence[ManifestRow]:
        """All clips."""
        return self.corpus.manifest

    @property
    def tested(self) -> list[list[str]]:
        """The speakers that each fold tests."""
        return [list(fold.test.speakers or ()) for fold in self.protocol.folds]

    def document(self, suffix: str, **fields: Any) -> dict[str, Any]:
        """A file of this corpus, with the objective of its ranking protocol."""
        name, objective = self.corpus.name, self.protocol.objective
        return split_file.document(name=f"{name}-{suffix}", on=[name], objective=objective, **fields)


def bases() -> Iterator[Base]:
    """That of each corpus."""
    for corpus, name in ladder.RANKING.items():
        yield Base(folds.load(name), corpora.load(corpus))


def shuffled(values: np.ndarray, strata: Sequence[object]) -> np.ndarray:
    """The clips' values, each at another clip of the same stratum: (clips,)."""
    rng, found = np.random.RandomState(0), values.copy()
    keys = np.array([str(stratum) for stratum in strata])
    for key in np.unique(keys):
        found[keys == key] = rng.permutation(values[keys == key])
    return found


def of_savee(base: Base) -> str:
    """What unseen texts take from a model on SAVEE; "" for other corpora."""
    if base.corpus.name != "savee":
        return ""
    return (
        " Of SAVEE's 87 texts 72 occur in one emotion alone and 12 in two: where a model has met the text "
        f"of a clip, as in {base.protocol.name}, the text can tell the emotion. Here it has met none. Each "
        "group of texts has about as many clips of each emotion, and the three texts of all emotions are "
        "in three groups."
    )
