"""`worker`: this machine joins a cluster, and does folds of the runs that use it."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from benchmark.cli.arguments import positive

ENDED, REFUSED = 0, 2


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("worker", help="this machine joins a cluster, see `run --cluster`")
    parser.set_defaults(run=run)
    parser.add_argument("address", metavar="ADDRESS", help="of the Dask scheduler, such as tcp://node1:8786")
    parser.add_argument("--slots", type=positive, metavar="N", help="folds at a time (default: one a core)")
    parser.add_argument("--per-gpu", type=positive, metavar="K",
                        help="instead: folds a GPU, each of which sees that one alone")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Until the scheduler ends, which is 0; 2 where a run has refused this machine."""
    from benchmark.compute import machine, node
    from benchmark.execution import device

    gpus = device.shared("cuda", args.per_gpu) if args.per_gpu else []
    slots = len(gpus) or args.slots or machine.cores()
    why = node.serve(args.address, slots=slots, gpus=gpus)
    if why:
        print(f"error: refused: {why}", file=sys.stderr)
    return REFUSED if why else ENDED
