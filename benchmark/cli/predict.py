"""`predict`: what a model that was fitted on all speakers of a corpus says of any audio files."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    from benchmark.execution.model_card import Card
    from protocols.contract import ClipBatch, Model


GOOD = 0


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser(
        "predict", help="emotions in audio files, by a model that `run --final` kept"
    )
    parser.set_defaults(run=run)
    parser.add_argument("--model", required=True, metavar="NAME|FILE.py", help="the model")
    parser.add_argument("--corpus", required=True, metavar="NAME", help="the corpus that it was fitted on")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="audio that libsndfile reads")
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    from benchmark.audio import reader
    from benchmark.cli.console import emit_json, people
    from benchmark.execution import model_store, suites
    from benchmark.features import feature_store
    from benchmark.models import plugins
    from protocols.errors import PluginError

    plugin, protocol = plugins.load(args.model), suites.ranking_protocol(args.corpus)
    if plugin.missing:
        raise PluginError(f"{args.model} cannot run here: {plugin.missing}")
    card, model = model_store.load(plugin, protocol)
    said = probabilities(
        model, card, feature_store.clips(plugin.features, [reader.read(path) for path in args.files])
    )
    rows = [
        {
            "file": str(path),
            "label": card.labels[row.argmax()],
            "probabilities": dict(zip(card.labels, row.tolist(), strict=True)),
        }
        for path, row in zip(args.files, said, strict=True)
    ]
    people.print(_told(card), markup=False)
    if args.json:
        emit_json(
            {
                "model": card.model.name,
                "version": card.model.version,
                "corpus": args.corpus,
                "board": card.board,
                "uar": card.uar,
                "budget": card.key["budget"],
                "warning": card.warning,
                "labels": card.labels,
                "files": rows,
            }
        )
    else:
        _show(rows)
    return GOOD


def probabilities(model: Model, card: Card, clips: ClipBatch) -> np.ndarray:
    """(n, classes), calibrated and rounded as in a record; WeightsError where they are not finite."""
    import numpy as np

    from benchmark.execution.model_store import WeightsError
    from benchmark.records.schema import DECIMALS
    from benchmark.scores import calibration

    said = np.asarray(model.predict_proba(clips), dtype=np.float64)
    if said.shape != (len(clips), len(card.labels)) or not np.isfinite(said).all():
        raise WeightsError(f"{card.model.name}: what it says of these files are no probabilities.")
    return calibration.calibrated(said, card.temperature).round(DECIMALS)


def _told(card: Card) -> str:
    budget = ", ".join(f"{name} {value}" for name, value in card.key["budget"].items() if value is not None)
    corpora = " and ".join(copy.name for copy in card.corpora)
    synthetic = " Fitted on synthetic speech: it knows nothing about people." * (card.board == "synthetic")
    return (
        f"{card.model.name} {card.model.version}, fitted on all speakers of {corpora} ({card.board} "
        f"copy); UAR on unheard speakers {100 * card.uar:.1f} ({budget}). {card.warning}{synthetic}"
    )


def _show(rows: list[dict[str, Any]]) -> None:
    from rich.markup import escape
    from rich.table import Column, Table

    from benchmark.cli.console import Output

    table = Table(Column("file", overflow="fold"), Column("label", no_wrap=True), "probabilities")
    for row in rows:
        falling = sorted(row["probabilities"].items(), key=lambda item: -item[1])
        said = ", ".join(f"{label} {p:.2f}" for label, p in falling)
        table.add_row(escape(row["file"]), row["label"], said)
    Output().print(table)
