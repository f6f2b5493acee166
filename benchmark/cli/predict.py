"""`predict`: emotions in any sound, by a model that was fitted on all speakers of a corpus."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import folder, name, seconds

if TYPE_CHECKING:
    from rich.table import Table

    from benchmark.execution.model_card import Card
    from benchmark.execution.prediction import Prediction
    from benchmark.execution.time_course import Windows


GOOD, WRONG, PARTIAL = 0, 2, 3
WIDE = 160  # columns of a table that goes to a file


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("predict", help="emotions in sound, by a model that `run --final` kept")
    parser.set_defaults(run=run)
    parser.add_argument("--model", required=True, type=name, metavar="NAME|FILE.py", help="the model")
    parser.add_argument("--corpus", required=True, type=name, metavar="NAME",
                        help="the corpus that it was fitted on")  # fmt: skip
    parser.add_argument("files", nargs="*", type=folder, metavar="FILE|FOLDER",
                        help="WAV, FLAC, Ogg, Opus or MP3; m4a and others where ffmpeg is installed; of a "
                             "folder all audio files in it")  # fmt: skip
    parser.add_argument("--windows", type=seconds, metavar="S",
                        help="also a time course, by windows of so long; of up to an hour")  # fmt: skip
    parser.add_argument("--hop", type=seconds, metavar="S",
                        help="seconds from window to window (default: half a window)")  # fmt: skip
    parser.add_argument("--picture", type=folder, metavar="FILE.png|svg|pdf",
                        help="draw the time course of one recording (extra `plots`)")  # fmt: skip
    parser.add_argument("--microphone", type=seconds, metavar="S",
                        help="record so many seconds, and predict these too (extra `live`)")  # fmt: skip
    parser.add_argument("--enrolment", nargs="+", default=[], type=folder, metavar="FILE",
                        help="other clips of the speaker, for a model NAME@K; put it last")  # fmt: skip
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 where every file has its prediction, 3 where some have, 2 where none has."""
    from benchmark.cli import progress_bar, time_course_picture
    from benchmark.cli.console import emit_json, people
    from benchmark.execution import prediction

    windows = _windows(args)
    if args.picture:
        time_course_picture.check(args.picture)
    if args.microphone:
        people.print(f"The microphone records {args.microphone:g} s, once the files are done.")
    with progress_bar.bar("predicting") as progress:
        card, found = prediction.predict(
            args.model,
            args.files,
            corpus=args.corpus,
            enrolment=args.enrolment,
            windows=windows,
            seconds=args.microphone,
            progress=progress,
        )
    people.print(_described(card), markup=False)
    good, bad = ([each for each in found if bool(each.problem) is wrong] for wrong in (False, True))
    if args.json:
        emit_json(_document(card, found))
    else:
        _show(good)
    for each in bad:
        people.print(f"error: {each.file}: {each.problem}", markup=False)
    if len(found) > 1 and bad:
        people.print(f"{len(bad)} of {len(found)} files have no prediction.")
    if args.picture and good:
        _draw(args, card, good)
    if not bad:
        return GOOD
    return PARTIAL if good else WRONG


def _windows(args: argparse.Namespace) -> Windows | None:
    """How recordings are cut; UnheardError for options that do not go together."""
    from benchmark.execution.time_course import Windows
    from protocols.errors import UnheardError

    if not args.files and not args.microphone:
        raise UnheardError("predict: name a FILE or a FOLDER, or --microphone SECONDS.")
    for option in ("hop", "picture"):
        if getattr(args, option) and not args.windows:
            raise UnheardError(f"--{option} goes with --windows.")
    return Windows(seconds=args.windows, hop=args.hop or args.windows / 2) if args.windows else None


def _draw(args: argparse.Namespace, card: Card, good: Sequence[Prediction]) -> None:
    """UnheardError where it is not one recording."""
    from benchmark.cli import time_course_picture
    from benchmark.cli.console import people
    from protocols.errors import UnheardError

    if len(good) != 1:
        raise UnheardError(f"--picture draws one recording, and {len(good)} have a prediction.")
    [one] = good
    time_course_picture.write(
        one, f"{one.file.name}: {card.model.name}, fitted on {_corpora(card)}", args.picture
    )
    people.print(f"the picture: {args.picture}", markup=False)


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
                **({"windows": [asdict(window) for window in each.course]} if each.course else {}),
            }
            for each in found
        ],
    }


def _described(card: Card) -> str:
    from benchmark.execution import model_card

    synthetic = " Fitted on synthetic speech: it knows nothing about people." * (card.board == "synthetic")
    return (
        f"{card.model.name} {card.model.version}, fitted on all speakers of {_corpora(card)} ({card.board} "
        f"copy); UAR on unheard speakers {100 * card.uar:.1f} ({model_card.budget(card)}, seed "
        f"{card.key.get('seed', 0)} alone; a board shows the mean over seeds). {card.warning}{synthetic}"
    )


def _corpora(card: Card) -> str:
    return " and ".join(copy.name for copy in card.corpora)


def _show(found: Sequence[Prediction]) -> None:
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
        shown = _falling(each.probabilities)
        length = (f"{each.seconds:.2f}", f"{each.seconds_used:.2f}")
        rows.append((each.file, each.label, shown, *length, "\n".join(each.notes)))
    output = Output()
    if not output.is_terminal:  # whoever searches a file for a note finds it on one line
        output.width = WIDE
    output.print(table(columns, rows))
    for each in found:
        if each.course:
            output.print(_course(each))


def _falling(probabilities: Mapping[str, float]) -> str:
    falling = sorted(probabilities.items(), key=lambda item: -item[1])
    return ", ".join(f"{label} {p:.2f}" for label, p in falling)


def _course(found: Prediction) -> Table:
    """A row a window."""
    from rich.table import Column
    from rich.text import Text

    from benchmark.cli.table import table

    columns = (
        Column("from, s", justify="right"),
        Column("to, s", justify="right"),
        "label",
        "probabilities",
        "notes",
    )
    rows = (
        (
            f"{each.start:.2f}",
            f"{each.end:.2f}",
            each.label,
            _falling(each.probabilities),
            "\n".join(each.notes),
        )
        for each in found.course
    )
    return table(columns, rows, title=Text(str(found.file)), title_justify="left")
