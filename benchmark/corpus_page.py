"""What a corpus's page shows: the corpus, its folds, its results here and elsewhere."""

from __future__ import annotations

from typing import Any

from benchmark.known import Known
from benchmark.leaderboard import Board, Table

STRIPS = 5  # models of a corpus whose speakers are drawn


def context(table: Table, board: Board, known: Known) -> dict[str, Any]:
    """The corpus, its folds, its results here and elsewhere."""
    corpus = known.corpora.get(table.corpus)
    clips = corpus.manifest if corpus else ()
    heard = [sum(row[1][i] for row in table.conditions.clips) for i in range(len(table.labels))]
    emotions = [clip.emotion for clip in clips]
    return {
        "table": table,
        "corpus": corpus,
        "protocol": known.protocols.get(table.protocol),
        "models": board.models,
        "counts": [(lb, emotions.count(lb), n) for lb, n in zip(table.labels, heard, strict=True)],
        "clips": len(clips),
        "best": max(table.ranked, key=lambda e: e.uar, default=None),
        "strips": sorted(table.ranked, key=lambda e: (-e.uar, e.model))[:STRIPS],
        "published": [row for row in known.published if row.corpus == table.title],
    }
