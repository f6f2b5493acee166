"""Cards of made-up fits on SAVEE, and models kept with them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from benchmark.execution import environment, model_card, model_store, record_key
from benchmark.models.plugins import Plugin
from benchmark.records import schema
from benchmark.records.schema import Board
from protocols import corpora, folds

SAVEE = folds.load("savee-loso")


def card(plugin: Plugin, board: Board = "derived", **changes: Any) -> model_card.Card:
    """Of a full search on SAVEE."""
    facts = {name: getattr(plugin.info, name) for name in schema.ModelFacts.__struct_fields__[:9]}
    made = model_card.Card(
        schema=model_card.SCHEMA,
        board=board,
        model=schema.ModelFacts(**{**facts, "pretraining": []}, source=plugin.source, package=plugin.package),
        protocol=schema.ProtocolFacts(name="savee-loso", version=1, digest="d"),
        corpora=[
            schema.CorpusFacts(name="savee", kind=board, digest="c", clips=70, missing=[], selection="full")
        ],
        labels=list(corpora.load("savee").labels),
        params={"C": 1.0},
        epochs=None,
        temperature=1.5,
        seed=1,
        teacher="",
        features=record_key.features(plugin),
        key={"model": "mfcc-logreg 1", "budget": {"trials": 20, "epochs": None, "folds": None}},
        uar=0.5,
        versions={name: environment.installed(name) for name in record_key.DECISIVE},
        warning=model_card.WARNING,
    )
    return msgspec.structs.replace(made, **changes)


def keep(plugin: Plugin, fitted: Any, board: Board = "derived", **changes: Any) -> Path:
    """Keep a fitted model with such a card; its folder."""
    made = card(plugin, board, **changes)
    folder = model_store.home(board, "savee-loso", "mfcc-logreg", made.key["budget"])
    model_store.save(folder, fitted.state(), made)
    return folder
