"""`verify`: are these records what they say?"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

GOOD, WRONG = 0, 2


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("verify", help="recompute records from their predictions")
    parser.set_defaults(run=run)
    parser.add_argument(
        "records", nargs="*", type=Path, metavar="RECORD", help="a record or a folder (default: all)"
    )
    parser.add_argument(
        "--results", type=Path, default=Path("results"), metavar="DIR", help="default: ./results"
    )
    parser.add_argument("--json", action="store_true", help="write one JSON document on standard output")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 all hold, 2 one does not."""
    from benchmark import verification
    from benchmark.console import emit_json

    paths = [path for named in args.records or [args.results] for path in _records(named)]
    found = {str(path): verification.problems(path) for path in paths}
    if args.json:
        emit_json(found)
    else:
        for name, wrong in found.items():
            for problem in wrong:
                print(problem if problem.startswith(name) else f"{name}: {problem}")
        good = sum(not wrong for wrong in found.values())
        print(f"{good} of {len(found)} records hold")
    return WRONG if any(found.values()) else GOOD


def _records(named: Path) -> list[Path]:
    from protocols.errors import RecordError

    if named.is_file():
        return [named]
    found = sorted(named.rglob("seed-*.json")) if named.is_dir() else []
    if not found:
        raise RecordError(
            f"{named}: holds no records. Name a seed-<n>.json, or a results folder with --results."
        )
    return found
