"""`compare`: two models side by side by every protocol."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import add_results

if TYPE_CHECKING:
    from benchmark.cli.console import Output
    from benchmark.ranking.agreement import Agreement
    from benchmark.ranking.comparison import Comparison, Difference, OnTable


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("compare", help="put two models side by side, protocol by protocol")
    parser.set_defaults(run=run)
    parser.add_argument("models", nargs=2, metavar="MODEL", help="the name of a model that has records")
    add_results(parser)
    parser.add_argument(
        "--board", choices=("official", "derived", "synthetic"), help="default: the best that has both"
    )
    parser.add_argument("--clips", action="store_true", help="also name the clips on which they differ most")
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    from benchmark import api
    from benchmark.cli.console import emit_json

    first, second = args.models
    found = api.compare(first, second, results=args.results, board=args.board)
    if args.json:
        emit_json(_document(found, clips=args.clips))
    else:
        _print(found, clips=args.clips)
    return 0


# For programs


def _document(found: Comparison, *, clips: bool) -> dict[str, Any]:
    return {
        "board": found.board,
        "models": [model.name for model in found.models],
        "mean_difference": found.mean,
        "overall": {"uar": [one and one.uar for one in found.standings], **_difference(found.overall)},
        "protocols": [_protocol(on, clips=clips) for on in found.tables],
    }


def _protocol(on: OnTable, *, clips: bool) -> dict[str, Any]:
    from benchmark.website import wording

    d = on.difference
    return {
        "protocol": on.table.protocol,
        "corpora": list(on.table.corpora),
        "uar": [entry and entry.uar for entry in on.entries],
        "not_ranked": [wording.compared(reasons) for reasons in on.reasons],
        **_difference(d),
        "p_holm": d and d.adjusted,
        "speakers": d and len(d.speakers),
        "speakers_better": d and list(d.better),
        "clips": on.agreement and _counts(on.agreement, clips=clips),
    }


def _difference(d: Difference | None) -> dict[str, Any]:
    return {
        "difference": d and d.uar,
        "interval": d and d.interval and list(d.interval),
        "p": d and d.p,
        "smallest_p": d and d.smallest,
        "detectable_difference": d and d.detectable,
        "exchanged": d and d.exchanged,
    }


def _counts(agreement: Agreement, *, clips: bool) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(agreement)
    return plain if clips else {name: value for name, value in plain.items() if name != "most"}


# For people


def _print(found: Comparison, *, clips: bool) -> None:
    from benchmark.cli.console import Output
    from benchmark.website import wording

    names = [model.name for model in found.models]
    console = Output(highlight=False)
    if found.board != "official":
        console.print(f"The {found.board} board: not official audio.")
    if found.compared:
        _scores(console, found, names)
    for on in found.tables:
        reasons = zip(names, map(wording.compared, on.reasons), strict=True)
        why = [f"{name}: {words}" for name, words in reasons if words]
        if not on.difference:
            console.print(f"{on.table.title} is not compared. {'; '.join(why)}", markup=False)
    agreed = [on for on in found.compared if on.agreement]
    if agreed:
        _agreements(console, agreed, names)
    for on in agreed if clips else ():
        _clips(console, on, names)


def _scores(console: Output, found: Comparison, names: Sequence[str]) -> None:
    from benchmark.website import filters

    rows = [
        (
            on.table.title,
            *(filters.percent(entry.uar) for entry in on.entries if entry),
            *_row(d, filters.p_value(d.adjusted)),
            f"{d.better[0]}:{d.better[1]} of {len(d.speakers)}",
        )
        for on in found.compared
        if (d := on.difference)
    ]
    if found.overall:
        scores = (filters.percent(one.uar) for one in found.standings if one)
        rows.insert(0, ("Overall", *scores, *_row(found.overall, filters.DASH), filters.DASH))
    header = (
        *("UAR, %", *names, "points", "95 %\ninterval", "p", "p by\nHolm", "smallest\np"),
        *("detect-\nable", "speakers\nbetter"),
    )
    _table(console, names, header, rows)
    for on in found.compared:
        if on.difference and on.difference.detectable is None:
            why = f"the smallest p that its speakers allow is {filters.p_value(on.difference.smallest)}"
            console.print(f"{on.table.title}: no difference can be shown: {why}.", markup=False)


def _row(d: Difference, adjusted: str) -> tuple[str, ...]:
    """What is known of a difference."""
    from benchmark.website import filters

    ends = f"[{100 * d.interval[0]:+.1f}, {100 * d.interval[1]:+.1f}]" if d.interval else filters.DASH
    p, smallest = filters.p_value(d.p), filters.p_value(d.smallest)
    return f"{100 * d.uar:+.1f}", ends, p, adjusted, smallest, filters.percent(d.detectable)


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
            no_wrap=title.removeprefix("only ") not in names,  # a name may be long: then it takes more lines
        )
        for number, title in enumerate(header)
    ]
    console.print(table(columns, rows, box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0)))
