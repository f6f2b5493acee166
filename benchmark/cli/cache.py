"""`cache list|clean`: what lies in the cache, and removing what no installed model uses."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmark.execution.cache import Entry

GOOD = 0


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser(
        "cache", help="what lies in the cache; remove what no installed model uses"
    )
    parser.set_defaults(run=run)
    verbs = parser.add_subparsers(dest="cache_verb", metavar="VERB", required=True)
    for name, words in (("list", "what lies there"), ("clean", "remove what no installed model uses")):
        verb = verbs.add_parser(name, help=words)
        verb.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; always 0."""
    from benchmark.cli.console import emit_json, people
    from benchmark.execution import cache
    from benchmark.storage import places

    if args.cache_verb == "list":
        found, title = cache.entries(), f"{places.cache()}"
        if args.json:
            emit_json([_document(entry) for entry in found])
        else:
            _show(found, f"{title}: {_mib(found)} MiB")
        return GOOD
    gone, held = cache.clean()
    if args.json:
        both = {"removed": gone, "held by another run": held}
        emit_json({name: [_document(entry) for entry in each] for name, each in both.items()})
    else:
        _show(gone, f"removed: {_mib(gone)} MiB")
        for entry in held:
            people.print(f"{entry.path} is in the hands of another run", markup=False)
    return GOOD


def _document(entry: Entry) -> dict[str, Any]:
    return {
        "path": str(entry.path), "kind": entry.kind, "corpus": entry.corpus, "version": entry.version,
        "bytes": entry.size, "used": entry.used, "models": list(entry.users),
    }  # fmt: skip


def _show(found: Sequence[Entry], title: str) -> None:
    from rich.table import Column

    from benchmark.cli.console import Output
    from benchmark.cli.table import table

    columns: list[str | Column] = ["what", "corpus", "version", Column("MiB", justify="right"), "used by"]
    rows = [
        (entry.kind, entry.corpus, entry.version, f"{entry.size / 2**20:.1f}", _used(entry))
        for entry in found
    ]
    Output(highlight=False).print(table(columns, rows, title=title))


def _used(entry: Entry) -> str:
    if not entry.used:
        return "nothing"
    more = f" and {len(entry.users) - 1} more" if len(entry.users) > 1 else ""
    return f"{entry.users[0]}{more}" if entry.users else ""


def _mib(found: Sequence[Entry]) -> str:
    return f"{sum(entry.size for entry in found) / 2**20:.1f}"
