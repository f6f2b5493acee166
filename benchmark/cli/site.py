"""`site`: build the leaderboard's pages from the records, and show them."""

from __future__ import annotations

import argparse
from contextlib import suppress
from typing import Any

from benchmark.cli.arguments import RESULTS, add_results, folder


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("site", help="build the leaderboard's pages from the records")
    parser.set_defaults(run=run)
    add_results(parser, several=True)
    parser.add_argument(
        "--out",
        type=folder,
        metavar="DIR",
        help="where to build it: an empty folder, or one with a site, where all else is kept "
        "(default: _site, beside the results)",
    )
    parser.add_argument(
        "--serve", action="store_true", help="then serve it on this machine until interrupted"
    )


def run(args: argparse.Namespace) -> int:
    """Do it; 0 when the site is built."""
    from benchmark.cli.console import people
    from benchmark.website.site import beside, build_site, server

    results = args.results or [RESULTS]
    index = build_site(results, args.out or beside(results[0]))
    people.print(f"The leaderboard: {index.resolve()}", markup=False)
    if args.serve:
        with server(index.parent) as serving:
            people.print(f"Serving it on http://127.0.0.1:{serving.server_port}/ until Ctrl+C.", markup=False)
            with suppress(KeyboardInterrupt):
                serving.serve_forever()
    return 0
