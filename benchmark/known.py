"""What is known besides records: protocols, corpora, and what others have published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from protocols.corpora import Corpus
from protocols.folds import Protocol


@dataclass(frozen=True, kw_only=True)
class Published:
    """A result that others report, and how they came by it: a row of protocols/published.csv."""

    source: str
    year: str
    model: str
    corpus: str  # title
    metric: str
    percent: float
    protocol: str  # as they describe it
    speaker_independent: bool
    parameters: float | None
    note: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known besides records, by name."""

    protocols: Mapping[str, Protocol]
    corpora: Mapping[str, Corpus]
    published: Sequence[Published]
