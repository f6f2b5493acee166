"""`predict`: emotions in any audio files, by a model that was fitted on all speakers of a corpus."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.execution.model_card import Card
    from benchmark.execution.prediction import Prediction


GOOD, WRONG, PARTIAL = 0, 2, 3
WIDE = 160  # columns of a table that goes to a file


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser(
        "predict", help="emotions in audio files, by a model that `run --final` kept"
    )
    parser.set_defaults(run=run)
    parser.add_argument("--model", required=True, metavar="NAME|FILE.py", help="the model")
    parser.add_argument("--corpus", required=True, metavar="NAME", help="the corpus that it was fitted on")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="WAV, FLAC, Ogg, Opus or MP3")
    parser.add_argument("--enrolment", nargs="+", default=[], type=Path, metavar="FILE",
                        help="other clips of the speaker, for a model NAME@K; put it last")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 where every file has its prediction, 3 where some have, 2 where none has."""
    from benchmark.cli.console import emit_json, people
    from benchmark.execution import prediction

    card, found = prediction.predict(args.model, args.files, corpus=args.corpus, enrolment=args.enrolment)
    people.print(_described(card), markup=False)
    if args.json:
        emit_json(_document(card, found))
    else:
        _show([each for each in found if not each.problem])
    bad = [each for each in found if each.problem]
    for each in bad:
        people.print(f"error: {each.file}: {each.problem}", markup=False)
    if not bad:
        return GOOD
    return PARTIAL if len(bad) < len(found) else WRONG


def _document(card: Card, found: list[Prediction]) -> dict[str, Any]:
    return {
        "model": card.model.name,
        "version": card.model.version,
        "corpora": [copy.name for copy in card.corpora],
        "protocol": card.protocol.name,
        "board": card.board,
        "uar": card.uar,
        "budget": card.key["budget"],
        "warning": card.warning,
        "labels": card.labels,
        "files": [
            {
                "file": str(each.file),
                "label": each.label or None,
                "probabilities": each.probabilities,
                "seconds": None if each.problem else each.seconds,
                "seconds_used": None if each.problem else each.seconds_used,
                "notes": list(each.notes),
                "problem": each.problem or None,
            }
            for each in found
        ],
    }


def _described(card: Card) -> str:
    budget = ", ".join(f"{name} {value}" for name, value in card.key["budget"].items() if value is not None)
    corpora = " and ".join(copy.name for copy in card.corpora)
    synthetic = " Fitted on synthetic speech: it knows nothing about people." * (card.board == "synthetic")
    return (
        f"{card.model.name} {card.model.version}, fitted on all speakers of {corpora} ({card.board} "
        f"copy); UAR on unheard speakers {100 * card.uar:.1f} ({budget}). {card.warning}{synthetic}"
    )


def _show(found: list[Prediction]) -> None:
    from rich.table import Column

    from benchmark.cli.console import Output
    from benchmark.cli.table import table

    if not found:
        return
    columns = (
        Column("file", overflow="fold"),
        Column("label", no_wrap=True),
        "probabilities",
        Column("seconds", justify="right"),
        Column("used", justify="right"),
        "notes",
    )
    rows = []
    for each in found:
        falling = sorted(each.probabilities.items(), key=lambda item: -item[1])
        shown = ", ".join(f"{label} {p:.2f}" for label, p in falling)
        length = (f"{each.seconds:.2f}", f"{each.seconds_used:.2f}")
        rows.append((each.file, each.label, shown, *length, "\n".join(each.notes)))
    output = Output()
    if not output.is_terminal:  # whoever searches a file for a note finds it on one line
        output.width = WIDE
    output.print(table(columns, rows))
