"""What is known besides records: protocols, corpora, and what others have published."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files as package_files
from pathlib import Path
from typing import Literal, cast

from protocols import corpora, folds, registry
from protocols.corpora import Corpus
from protocols.folds import Protocol
from protocols.population import Population

PUBLISHED = Path(str(package_files("protocols"))) / "published.csv"
ADDRESSES = {  # what a source names -> where that is
    r"arXiv:(\d{4}\.\d{4,5})": "https://arxiv.org/abs/",
    r"doi:(10\.\d{4,9}/\S+)": "https://doi.org/",
    r"^([\w.-]+/[\w.-]+)$": "https://github.com/",
}

Known = Literal["yes", "no", "unknown"]


def read() -> Catalogue:
    """All installed corpora and protocols, and what others have published."""
    return Catalogue(
        protocols={name: folds.load(name) for name in registry.names("protocols")},
        corpora={name: corpora.load(name) for name in registry.names("corpora")},
        published=published(PUBLISHED),
    )


def published(path: Path) -> list[Published]:
    """The rows of protocols/published.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            Published(
                source=row["source"],
                year=row["year"],
                model=row["model"],
                corpus=row["corpus"],
                metric=row["metric"],
                percent=float(row["percent"]),
                protocol=row["protocol_as_described"],
                speaker_independent=cast("Known", row["speaker_independent"]),
                parameters=float(row["params"]) if row["params"] else None,
                macs=float(row["macs"]) if row["macs"] else None,
                model_here=row["model_here"],
                protocol_here=row["protocol_here"],
                note=row["note"],
                note_here=row["note_here"],
            )
            for row in csv.DictReader(file)
        ]


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
    speaker_independent: Known  # whether no test speaker is in training
    parameters: float | None
    model_here: str  # the name of the same model, or the nearest, here; "" = none
    protocol_here: str  # the name of the protocol here that is of the same kind; "" = none
    note: str
    note_here: str = ""  # what is different in the model here
    macs: float | None = None  # for 3 s of speech; of frozen encoders those of the encoder, counted here

    @property
    def address(self) -> str:
        """Where to read it: the page of an arXiv number, a DOI or a repository OWNER/NAME; "" for others."""
        for pattern, page in ADDRESSES.items():
            if found := re.search(pattern, self.source):
                return page + found[1]
        return ""

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return f"{self.model}, {self.source}, {self.corpus}, {self.protocol}"


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """What is known besides records, by name."""

    protocols: Mapping[str, Protocol]
    corpora: Mapping[str, Corpus]
    published: Sequence[Published]

    def population(self, protocol: str, on: Sequence[str]) -> Population | None:
        """All clips of the corpora `on`, with the protocol's labels where it is one over just these.

        None where a corpus is not installed, or several belong to a protocol that is not.
        """
        own = self.protocols.get(protocol)
        fits = own is not None and list(own.corpora) == list(on)
        if not set(on) <= self.corpora.keys() or (len(on) > 1 and not fits):
            return None
        found = tuple(self.corpora[name] for name in on)
        return folds.over(own, found) if own and fits else Population(found, {})
