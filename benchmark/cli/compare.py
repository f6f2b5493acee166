"""`compare`: two models side by side by every protocol."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import RESULTS, add_names, add_results
from benchmark.records.schema import BOARD_NAMES, SMALL, SMALL_TRIALS

# What `compared.lines` has of a difference, for a narrow terminal.
NUMBERS = (
    *("points", "95 %\ninterval", "p", "p by\nHolm", "smallest\np", "detect-\nable"),
    *("speakers\nbetter", "for 2\npoints"),
)

WIDE = 100  # signs, of a terminal that shows all of them: the sentence has the others

if TYPE_CHECKING:
    from benchmark.cli.console import Output
    from benchmark.ranking.agreement import Agreement
    from benchmark.ranking.comparison import ByProtocol, Comparison, Difference, OnTable


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("compare", help="put two models side by side, protocol by protocol")
    parser.set_defaults(run=run)
    parser.add_argument("models", nargs=2, metavar="MODEL", help="the name of a model that has records")
    add_results(parser, several=True)
    parser.add_argument("--board", choices=BOARD_NAMES, help="default: the best that has both")
    add_names(parser, "--protocol", "NAME", "only this protocol, or these: a,b (default: all)")
    parser.add_argument("--clips", action="store_true", help="also name the clips on which they differ most")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--latex", action="store_true", help="write the table in LaTeX on standard output")
    form.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    from benchmark import api
    from benchmark.cli.console import emit_json
    from benchmark.website import compared

    first, second = args.models
    found = api.compare(
        first, second, results=args.results or RESULTS, board=args.board, protocols=args.protocol
    )
    if args.latex:
        sys.stdout.write(compared.table(found).decode())
    elif args.json:
        emit_json(_document(found, clips=args.clips))
    else:
        _print(found, clips=args.clips)
    return 0


# For programs


def _document(found: Comparison, *, clips: bool) -> dict[str, Any]:
    from benchmark.website import compared

    return {
        "board": found.board,
        "models": [model.name for model in found.models],
        "mean_difference": found.mean,
        "overall": {
            "uar": [one and one.uar for one in found.standings],
            **_difference(found.overall),
            "sentence": compared.overall_sentence(found) if found.overall else "",
        },
        "mean": {
            "uar": list(found.means) if found.beside else None,
            "protocols": [on.table.protocol for on in found.over] if found.beside else [],
            **_difference(found.beside),
            "sentence": compared.overall_sentence(found) if found.beside else "",
        },
        "protocols": [_protocol(found, on, clips=clips) for on in found.tables],
    }


def _protocol(found: Comparison, on: OnTable, *, clips: bool) -> dict[str, Any]:
    from benchmark.website import compared, wording

    d = on.difference
    return {
        "protocol": on.table.protocol,
        "corpora": list(on.table.corpora),
        "uar": [entry and entry.uar for entry in on.entries],
        "not_ranked": [wording.compared(reasons) for reasons in on.reasons],
        **_of_protocol(d),
        "not_ranked_difference": _of_protocol(on.beside) if on.beside else None,
        "sentence": compared.sentence(found, on),
        "clips": on.agreement and _counts(on.agreement, clips=clips),
    }


def _of_protocol(d: ByProtocol | None) -> dict[str, Any]:
    return {
        **_difference(d),
        "p_holm": d and d.adjusted,
        "speakers": d and len(d.speakers),
        "speakers_better": d and list(d.better),
    }


def _difference(d: Difference | None) -> dict[str, Any]:
    return {
        "difference": d and d.uar,
        "interval": d and d.interval and list(d.interval),
        "p": d and d.p,
        "smallest_p": d and d.smallest,
        "detectable_difference": d and d.detectable,
        "exchanged": d and d.exchanged,
        "speakers_for_2_points": d and d.needed,
    }


def _counts(agreement: Agreement, *, clips: bool) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(agreement)
    return plain if clips else {name: value for name, value in plain.items() if name != "most"}


# For people


def _print(found: Comparison, *, clips: bool) -> None:
    from benchmark.cli.console import Output

    names = [model.name for model in found.models]
    console = Output(highlight=False)
    if found.board != "official":
        console.print(f"The {found.board} board: {_audio(found.board)}")
    _scores(console, found)
    agreed = [on for on in found.compared if on.agreement]
    if agreed:
        _agreements(console, agreed, names)
    for on in agreed if clips else ():
        _clips(console, on, names)


def _audio(board: str) -> str:
    official = "official audio" if board.startswith("official") else "not official audio"
    small = board.endswith(SMALL)
    return official + (f", {SMALL_TRIALS} trials and one seed." if small else ".")


def _scores(console: Output, found: Comparison) -> None:
    from benchmark.website import compared, filters

    names = [model.name for model in found.models]
    if lines := compared.lines(found):
        header = ("UAR, %", *names, *NUMBERS)
        kept = [i for i, title in enumerate(header) if console.width >= WIDE or title not in NUMBERS[4::3]]
        _table(console, names, [header[i] for i in kept], [[line[i] for i in kept] for line in lines])
    for on in found.compared:
        if on.difference and on.difference.detectable is None:
            why = f"the smallest p that its speakers allow is {filters.p_value(on.difference.smallest)}"
            console.print(f"{on.table.title}: no difference can be shown: {why}.", markup=False)
    for on, why in compared.not_compared(found):
        mark = (
            f"* {on.table.title}: they do not both rank" if on.shown else f"{on.table.title} is not compared"
        )
        console.print(f"{mark}. {why}", markup=False)
    for words in compared.sentences(found):
        console.print(f"\nTo write: {words}", markup=False)


def _agreements(console: Output, found: Sequence[OnTable], names: Sequence[str]) -> None:
    rows = [
        (on.table.title, a.clips, a.both, a.first, a.second, a.neither) for on in found if (a := on.agreement)
    ]
    _table(console, names, ("right", "clips", "both", *(f"only {name}" for name in names), "neither"), rows)


def _clips(console: Output, on: OnTable, names: Sequence[str]) -> None:
    from benchmark.website import filters

    rows = [
        (
            c.clip,
            c.speaker,
            c.emotion,
            *(f"{a} {filters.percent(p, 0)}" for a, p in zip(c.answers, c.confidence, strict=True)),
        )
        for c in (on.agreement.most if on.agreement else ())
    ]
    if rows:
        _table(console, names, (on.table.title, "speaker", "acted", *names), rows, words=True)


def _table(
    console: Output,
    names: Sequence[str],
    header: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    words: bool = False,
) -> None:
    from rich import box
    from rich.table import Column
    from rich.text import Text

    from benchmark.cli.table import table

    columns = [
        Column(
            Text(title),
            justify="left" if words or not number else "right",
            overflow="fold",
            min_width=7 if title in names else None,
            no_wrap=title.removeprefix("only ") not in names,  # a name may be long: then it takes more lines
        )
        for number, title in enumerate(header)
    ]
    console.print(table(columns, rows, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)))
