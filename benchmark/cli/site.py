"""`site`: build the leaderboard's pages from the records, and show them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from benchmark.cli.arguments import add_results, folder


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("site", help="build the leaderboard's pages from the records")
    parser.set_defaults(run=run)
    add_results(parser)
    parser.add_argument(
        "--out",
        type=folder,
        default=Path("_site"),
        metavar="DIR",
        help="where to build it (default: ./_site)",
    )
    parser.add_argument(
        "--serve", action="store_true", help="then serve it on this machine until interrupted"
    )


def run(args: argparse.Namespace) -> int:
    """Do it; 0 when the site is built."""
    from benchmark.cli.console import people

    index = build_site(args.results, args.out)
    people.print(f"The leaderboard: {index.resolve()}", markup=False)
    if args.serve:
        with server(index.parent) as serving:
            people.print(f"Serving it on http://127.0.0.1:{serving.server_port}/ until Ctrl+C.", markup=False)
            serving.serve_forever()
    return 0


def build_site(results: Path, out: Path) -> Path:
    """Build the site of all records below `results` in `out`; returns its index.html.

    UnheardError where there is no such folder, RecordError where a record cannot be read or lies elsewhere
    than where its model, protocol and seed belong.
    """
    from benchmark.records import folder as records
    from benchmark.website import build

    return build.build(records.read(results), out, results=results)


def current(results: Path, out: Path) -> Path | None:
    """The index.html of the site in `out`, where it was built from just what `results` holds; else None.

    A site carries its records byte for byte. What else it follows from, the code, `site` always goes by.
    """
    from benchmark.records import record_files
    from benchmark.verification import certificate

    index, copies = out / "index.html", out / "data" / "records"
    here = {path.relative_to(results): path for path in record_files.find(results)}
    there = {path.relative_to(copies): path for path in record_files.find(copies)}
    checked = [place for path in here.values() if (place := certificate.place(path)).is_file()]
    if not index.is_file() or here.keys() != there.keys():
        return None
    if any(here[name].read_bytes() != there[name].read_bytes() for name in here):
        return None
    built = index.stat().st_mtime
    return index if all(place.stat().st_mtime < built for place in checked) else None


def server(folder: Path) -> Any:
    """A server of the folder's files on this machine alone, at any free port."""
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    return ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(folder)))
