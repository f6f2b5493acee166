"""The leakage audit of a protocol over its corpus's official files, known by their hashes."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

import numpy as np

from benchmark.verification import leakage
from benchmark.verification.leakage import Audit
from protocols.corpora import Corpus
from protocols.folds import Protocol

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
    digests: tuple[str, str]  # which decide what is found
    protocol: Protocol = field(compare=False)  # it and the corpus hold dicts
    corpus: Corpus = field(compare=False)


def official_audit(protocol: Protocol, corpus: Corpus) -> Audit:
    """What `python -m benchmark audit` finds without a copy of the corpus."""
    return _audit(_Subject((protocol.digest, corpus.manifest_digest), protocol, corpus))


def shared_sentences(audit: Audit) -> float:
    """The share of test clips, over all folds, whose sentence is in train too."""
    clips = [sum(fold.classes["test"].values()) for fold in audit.folds]
    return float(np.average([fold.shared_sentences for fold in audit.folds], weights=clips))


@cache
def _audit(of: _Subject) -> Audit:
    clips = of.corpus.manifest
    return leakage.audit(of.protocol, of.corpus, clips, {clip.clip: clip.sha256 for clip in clips})
