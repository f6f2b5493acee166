"""`compare`: two models side by side on every corpus."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import add_results
from protocols.errors import UnheardError

if TYPE_CHECKING:
    from benchmark.cli.console import Output
    from benchmark.ranking.agreement import Agreement
    from benchmark.ranking.comparison import Comparison, OnCorpus
    from benchmark.records.schema import Record


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("compare", help="put two models side by side, corpus by corpus")
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
    from benchmark.cli.console import emit_json
    from benchmark.ranking import agreement, comparison, leaderboard
    from benchmark.records import folder
    from protocols import corpora, folds, registry

    records = folder.read(args.results)
    kind = _board(args.models, records, named=args.board, results=args.results)
    here = [record for record in records if record.board == kind]
    known = {name: corpora.load(name) for name in registry.names("corpora")}
    protocols = {name: folds.load(name) for name in registry.names("protocols")}
    board = next(iter(leaderboard.build(here, protocols=protocols, corpora=known).values()))
    agree = agreement.at_hand(here, known, folder.predictions(args.results))
    first, second = args.models
    [found] = comparison.compare(board, [(first, second)], agree=agree)
    if args.json:
        emit_json(_document(found, board=kind, clips=args.clips))
    else:
        _print(found, board=kind, clips=args.clips)
    return 0


def _board(models: Sequence[str], records: Sequence[Record], *, named: str | None, results: Path) -> str:
    """The board to compare on; UnheardError where a model has no records there."""
    from benchmark.ranking.leaderboard import KINDS

    if models[0] == models[1]:
        raise UnheardError(f"{models[0]}: named twice. Name two different models.")
    having: dict[str, set[str]] = {kind: {r.model.name for r in records if r.board == kind} for kind in KINDS}
    for model in models:
        _check(model, having, named=named, results=results)
    shared = [kind for kind in KINDS if having[kind].issuperset(models) and named in (None, kind)]
    if not shared:
        where = (f"{m} on {' and '.join(k for k in KINDS if m in having[k])}" for m in models)
        raise UnheardError(
            f"no board has records of both: {', '.join(where)}. Run one on the audio of the other."
        )
    return shared[0]


def _check(model: str, having: Mapping[str, set[str]], *, named: str | None, results: Path) -> None:
    from protocols import registry

    everyone = sorted(set().union(*having.values()))
    there = [kind for kind, models in having.items() if model in models]
    if not there and model not in registry.names("models"):
        among = f"{results} has {', '.join(everyone)}" if everyone else f"{results} has no records"
        raise UnheardError(f"{model}: there is no such model; {among}.")
    if not there:
        raise UnheardError(
            f"{model}: has no records in {results}. Make some: python -m benchmark run --suite all --model "
            f"{model} --data DIR; or name another folder with --results."
        )
    if named and named not in there:
        raise UnheardError(
            f"{model}: has no records on the {named} board. It has some on: {', '.join(there)}."
        )


# For programs


def _document(found: Comparison, *, board: str, clips: bool) -> dict[str, Any]:
    return {
        "board": board,
        "models": [model.name for model in found.models],
        "mean_difference": found.mean,
        "corpora": [_corpus(on, clips=clips) for on in found.corpora],
    }


def _corpus(on: OnCorpus, *, clips: bool) -> dict[str, Any]:
    d = on.difference
    return {
        "protocol": on.table.protocol,
        "corpus": on.table.corpus,
        "uar": [entry and entry.uar for entry in on.entries],
        "not_ranked": list(on.reasons),
        "difference": d and d.uar,
        "p": d and d.p,
        "p_holm": d and d.adjusted,
        "smallest_p": d and d.smallest,
        "speakers": d and len(d.speakers),
        "speakers_better": d and list(d.better),
        "clips": on.agreement and _counts(on.agreement, clips=clips),
    }


def _counts(told: Agreement, *, clips: bool) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(told)
    return plain if clips else {name: value for name, value in plain.items() if name != "most"}


# For people


def _print(found: Comparison, *, board: str, clips: bool) -> None:
    from benchmark.cli.console import Output

    names = [model.name for model in found.models]
    console = Output(highlight=False)
    if board != "official":
        console.print(f"The {board} board: not official audio.")
    if found.compared:
        _scores(console, found, names)
    for on in found.corpora:
        why = [f"{name}: {reason}" for name, reason in zip(names, on.reasons, strict=True) if reason]
        if not on.difference:
            console.print(f"{on.table.title} is not compared. {'; '.join(why)}", markup=False)
    told = [on for on in found.compared if on.agreement]
    if told:
        _agreements(console, told, names)
    for on in told if clips else ():
        _clips(console, on, names)


def _scores(console: Output, found: Comparison, names: Sequence[str]) -> None:
    from benchmark.website import filters

    rows = [
        (
            on.table.title,
            *(filters.percent(entry.uar) for entry in on.entries if entry),
            f"{100 * on.difference.uar:+.1f}",
            *map(filters.p_value, (on.difference.p, on.difference.adjusted, on.difference.smallest)),
            f"{on.difference.better[0]}:{on.difference.better[1]} of {len(on.difference.speakers)}",
        )
        for on in found.compared
        if on.difference
    ]
    header = ("UAR, %", *names, "points", "p", "p by\nHolm", "smallest\np", "speakers\nbetter")
    _table(console, names, header, rows)


def _agreements(console: Output, told: Sequence[OnCorpus], names: Sequence[str]) -> None:
    rows = [
        (on.table.title, a.clips, a.both, a.first, a.second, a.neither) for on in told if (a := on.agreement)
    ]
    _table(console, names, ("right", "clips", "both", *(f"only {name}" for name in names), "neither"), rows)


def _clips(console: Output, on: OnCorpus, names: Sequence[str]) -> None:
    from benchmark.website import filters

    rows = [
        (
            c.clip,
            c.speaker,
            c.emotion,
            *(f"{s} {filters.percent(p, 0)}" for s, p in zip(c.said, c.sure, strict=True)),
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
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, title in enumerate(header):
        left = words or not number
        named = title.removeprefix("only ") in names  # may be long: the narrower the terminal, the more lines
        table.add_column(Text(title), justify="left" if left else "right", overflow="fold", no_wrap=not named)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)
