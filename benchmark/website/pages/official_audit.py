"""The leakage audit of a protocol over its corpora's official files, known by their hashes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from benchmark.verification import leakage
from benchmark.verification.leakage import Audit
from protocols.folds import Protocol
from protocols.population import Population

EXPLAINED = {
    "text predicts label": (
        "The words alone give much of the emotion away: some sentences are spoken in some emotions only. "
        "A model that recognises words can score here without any emotion in the voice, so read its score "
        "beside that of the text-only baseline."
    ),
    "leaks by design": "The split does not keep speakers apart, and says so: its scores rank nowhere.",
    "one training speaker": (
        "Each fold trains on a single voice, so that validation can only be other sentences of that voice. "
        "The search cannot see how well a model does on another voice."
    ),
}


@dataclass(frozen=True)
class _Subject:
    digests: tuple[str, ...]  # which decide what is found
    protocol: Protocol = field(compare=False)  # it and the population hold dicts
    population: Population = field(compare=False)


def official_audit(protocol: Protocol, population: Population) -> Audit:
    """What `python -m benchmark audit` finds without a copy of the corpora."""
    manifests = (corpus.manifest_digest for corpus in population.corpora)
    return _audit(_Subject((protocol.digest, *manifests), protocol, population))


def shared_sentences(audit: Audit) -> float:
    """The share of test clips, over all folds, whose sentence is in train too."""
    clips = [sum(fold.classes["test"].values()) for fold in audit.folds]
    return float(np.average([fold.shared_sentences for fold in audit.folds], weights=clips))


@cache
def _audit(of: _Subject) -> Audit:
    rows = of.population.rows
    return leakage.audit(of.protocol, of.population, rows, {row.clip: row.sha256 for row in rows})
