"""What a protocol's page shows: its corpora, its folds and their audit, its results here and elsewhere."""

from __future__ import annotations

from collections import Counter
from typing import Any

from benchmark.ranking import titles
from benchmark.ranking.catalogue import Catalogue
from benchmark.ranking.leaderboard import Board, Table
from benchmark.website import columns, rungs
from benchmark.website.figures import folds_picture
from benchmark.website.pages import difficulty, official_audit
from protocols import ladder
from protocols.folds import Protocol
from protocols.population import Population

STRIPS = 5  # models of a protocol whose speakers are drawn


def context(table: Table, board: Board, known: Catalogue, population: Population | None) -> dict[str, Any]:
    """The corpora, the folds, results here and elsewhere; `population`: the clips of the table's corpora."""
    named = [titles.of_corpus(name, known.corpora) for name in table.corpora]
    protocol = known.protocols.get(table.protocol)
    target = protocol.target if protocol else "emotion"
    shown = sorted(table.entries, key=lambda e: (-e.uar, e.model))
    return {
        "table": table,
        "columns": columns.on_page(columns.protocol(table), table.entries, places=table.ranks),
        "placeless": [] if table.ranks else shown,
        "corpora": [known.corpora[name] for name in table.corpora if name in known.corpora],
        "corpus_titles": named,
        "models": board.models,
        "counts": _counts(table, population),
        "installed": population is not None,
        "one_seed": any(entry.training_noise is None for entry in table.ranked),
        "best": max(table.ranked, key=lambda e: e.uar, default=None),
        "strips": [entry for entry in shown if not entry.unranked][:STRIPS],
        "target": target,
        "published": [row for row in known.published if row.corpus in named and target == "emotion"],
        "climbed": [corpus for corpus in rungs.climbed(board) if table.protocol in ladder.all_of(corpus)],
        **_hardest(table, population),
        **_folds(protocol, population),
    }


def _counts(table: Table, population: Population | None) -> list[tuple[str, int, int]]:
    """Of each class: the clips that there are, and those that were tested."""
    tested = [sum(row[1][i] for row in table.conditions.clips) for i in range(len(table.labels))]
    there = Counter(row.emotion for row in population.rows) if population else Counter[str]()
    return [(label, there[label], n) for label, n in zip(table.labels, tested, strict=True)]


def _hardest(table: Table, population: Population | None) -> dict[str, Any]:
    """Speakers with their sex, "" where it is not known, and confusions."""
    informed = difficulty.informed(table.ranked, table.chance)
    sexes = population.speakers if population else {}
    return {
        "informed": len(informed),
        "hard_speakers": [(name, sexes.get(name, ""), uar) for name, uar in difficulty.speakers(informed)],
        "hard_confusions": difficulty.confusions(informed, table.labels),
    }


def _folds(protocol: Protocol | None, population: Population | None) -> dict[str, Any]:
    """The protocol, the picture of its folds and their audit, where it is installed."""
    found: dict[str, Any] = {"protocol": protocol, "by_speaker": False, "one_voice": False}
    if not protocol or not population:
        return {**found, "folds": None, "audit": None}
    audit = official_audit.official_audit(protocol, population)
    return {
        **found,
        "folds": folds_picture.picture(protocol, population),
        "by_speaker": folds_picture.by_speaker(protocol),
        "one_voice": _one_voice(protocol),
        "audit": audit,
        "shared_sentences": official_audit.shared_sentences(audit),
        "flags": [(flag, official_audit.EXPLAINED.get(flag, "")) for flag in audit.flags],
    }


def _one_voice(protocol: Protocol) -> bool:
    """Whether each fold trains on a single speaker, who also validates."""
    return "speaker" in protocol.apart and not {"speaker", "corpus"} & set(protocol.validation_apart)
