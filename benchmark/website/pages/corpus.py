"""What a corpus's page shows: the corpus, its folds and their audit, its results here and elsewhere."""

from __future__ import annotations

from typing import Any

from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board, Table
from benchmark.website.figures import folds_picture
from benchmark.website.pages import difficulty, official_audit
from protocols.corpora import Corpus
from protocols.folds import Protocol

STRIPS = 5  # models of a corpus whose speakers are drawn


def context(table: Table, board: Board, known: Catalogue) -> dict[str, Any]:
    """The corpus, its folds, its results here and elsewhere."""
    corpus, protocol = known.corpora.get(table.corpus), known.protocols.get(table.protocol)
    clips = corpus.manifest if corpus else ()
    heard = [sum(row[1][i] for row in table.conditions.clips) for i in range(len(table.labels))]
    emotions = [clip.emotion for clip in clips]
    return {
        "table": table,
        "corpus": corpus,
        "protocol": protocol,
        "models": board.models,
        "counts": [(lb, emotions.count(lb), n) for lb, n in zip(table.labels, heard, strict=True)],
        "clips": len(clips),
        "best": max(table.ranked, key=lambda e: e.uar, default=None),
        "strips": sorted(table.ranked, key=lambda e: (-e.uar, e.model))[:STRIPS],
        "published": [row for row in known.published if row.corpus == table.title],
        **_hardest(table, corpus),
        **_folds(protocol, corpus),
    }


def _hardest(table: Table, corpus: Corpus | None) -> dict[str, Any]:
    """Speakers with their sex, "" where it is not known, and confusions."""
    informed = difficulty.informed(table.ranked, table.chance)
    sexes = corpus.speakers if corpus else {}
    return {
        "informed": len(informed),
        "hard_speakers": [(name, sexes.get(name, ""), uar) for name, uar in difficulty.speakers(informed)],
        "hard_confusions": difficulty.confusions(informed, table.labels),
    }


def _folds(protocol: Protocol | None, corpus: Corpus | None) -> dict[str, Any]:
    """The picture of the folds and their audit, where both are installed and belong together."""
    if not protocol or not corpus or protocol.corpora[0] != corpus.name:
        return {"folds": None, "audit": None}
    audit = official_audit.official_audit(protocol, corpus)
    return {
        "folds": folds_picture.picture(protocol, corpus),
        "audit": audit,
        "shared_sentences": official_audit.shared_sentences(audit),
        "flags": [(flag, official_audit.EXPLAINED.get(flag, "")) for flag in audit.flags],
    }
