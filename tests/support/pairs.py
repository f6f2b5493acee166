"""Two made-up models on several corpora, for tests that put them side by side."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import made_up
import msgspec
import numpy as np

from benchmark.ranking import comparison, leaderboard
from benchmark.records import prediction_table, record_files, schema
from benchmark.records.prediction_table import Predictions
from benchmark.records.schema import Record
from benchmark.scores import metrics
from protocols import corpora
from protocols.corpora import ManifestRow

LABELS = list(corpora.load("savee").labels)
CLIPS = corpora.load("savee").manifest


def board(known: Any) -> tuple[list[Record], leaderboard.Board]:
    """A made-up derived board of two models: records, and the board."""
    made = [
        *made_up.seeds("savee-loso", "good", skill=0.9),
        *made_up.seeds("savee-loso", "bad", skill=0.3),
        *made_up.seeds("emodb-loso", "good", skill=0.9),
        *made_up.seeds("emodb-loso", "bad", skill=0.2),
        *made_up.seeds("emovo-loso", "good", skill=0.5),
        *made_up.seeds("emovo-loso", "bad", skill=0.5),
        *made_up.seeds("ravdess-6fold", "good"),
        *made_up.seeds("tess-2fold", "good"),
        *made_up.seeds("tess-2fold", "bad", trials=4),
        made_up.record("toy", "good", folds=[0], trials=50),
        made_up.record("toy", "bad"),
    ]
    return made, leaderboard.build(made, protocols=known.protocols, corpora=known.corpora)["derived"]


def compared(
    board: Any, first: str = "good", second: str = "bad", **options: Any
) -> tuple[Any, dict[str, Any]]:
    [found] = comparison.compare(board, [(first, second)], **options)
    return found, {on.table.protocol: on for on in found.tables}


def chances(seed: int, clips: Sequence[ManifestRow] = CLIPS, sure: float = 4) -> np.ndarray:
    """Made-up predictions of a corpus, often right."""
    rng = np.random.default_rng(seed)
    table = rng.random((len(clips), len(LABELS)))
    table[np.arange(len(clips)), [LABELS.index(clip.emotion) for clip in clips]] *= sure
    return (table / table.sum(axis=1, keepdims=True)).round(schema.DECIMALS)


def predicted(*seeds: int, clips: Sequence[ManifestRow] = CLIPS) -> list[Predictions]:
    names = [clip.clip for clip in clips]
    return [Predictions(names, np.zeros(len(names), dtype=int), chances(seed, clips)) for seed in seeds]


def write(root: Path, made: Record, seed: int) -> None:
    """A record whose predictions are those of the whole corpus."""
    [predictions] = predicted(seed)
    digest = hashlib.sha256(prediction_table.encode(predictions, made.labels)).hexdigest()
    made = msgspec.structs.replace(made, predictions=digest)
    record_files.write(record_files.place_of(root, made), made, predictions)


def results(board: Any, root: Path) -> Path:
    """Write the board's records, and some of other boards and budgets, below `root`."""
    for number, made in enumerate(board[0]):
        if made.protocol.name == "savee-loso":
            write(root, made, number)
        elif made.protocol.name in ("emodb-loso", "tess-2fold"):
            record_files.write(
                record_files.place(root, made.board, made.protocol.name, made.model.name, made.seed),
                made,
                Predictions([], np.zeros(0, dtype=int), np.zeros((0, len(made.labels)))),
            )
    write(root, made_up.record("savee-loso", "apart", trials=4), 77)
    write(root, made_up.record("savee-loso", "bad", board="synthetic"), 78)
    write(root, made_up.record("savee-loso", "lonely", board="synthetic"), 79)
    return root


def permuted(made: Sequence[Record], protocol: str) -> float:
    """p from the formula: of all subsets of speakers, how many exchanges give so large a difference."""
    mean = {
        name: np.mean(
            [
                [r.speakers[s] for s in sorted(r.speakers)]
                for r in made
                if (r.protocol.name, r.model.name) == (protocol, name)
            ],
            axis=0,
        )
        for name in ("good", "bad")
    }
    differences = []
    for subset in product([False, True], repeat=len(mean["good"])):
        exchanged = np.array(subset)[:, None, None]
        a = np.where(exchanged, mean["bad"], mean["good"]).sum(axis=0)
        b = np.where(exchanged, mean["good"], mean["bad"]).sum(axis=0)
        differences.append(abs(metrics.uar(a) - metrics.uar(b)))
    return float(np.mean(np.array(differences) >= differences[0] - 1e-9))
