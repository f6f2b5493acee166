"""`offload pack|fill|unpack`: open fits to a borrowed GPU and back."""

from __future__ import annotations

import argparse
from typing import Any

from benchmark.cli.arguments import folder, positive
from benchmark.cli.run import add_choice, choice

DONE, FAILED = 0, 1


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("offload", help="do fits on a borrowed GPU, and bring them home")
    parser.set_defaults(run=run)
    verbs = parser.add_subparsers(dest="offload_verb", metavar="VERB", required=True)
    pack = verbs.add_parser("pack", help="put what the networks' open fits need into a folder")
    fill = verbs.add_parser("fill", help="there: do these fits, and put what they come to beside")
    unpack = verbs.add_parser("unpack", help="at home: put that where `run` finds it")
    for sub in (pack, fill, unpack):
        sub.add_argument("folder", type=folder, metavar="DIR", help="the folder that is carried")
    pack.add_argument(
        "--max-mib", type=positive, required=True, metavar="N", help="as much as can be carried"
    )
    add_choice(pack)
    fill.add_argument(
        "--device", default="auto", metavar="NAME", help="auto (default), cpu, cuda, cuda:N or mps"
    )
    fill.add_argument("--minutes", type=positive, required=True, metavar="N", help="for how long")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 done, 1 a fold failed."""
    return {"pack": _pack, "fill": _fill, "unpack": _unpack}[args.offload_verb](args)


def _pack(args: argparse.Namespace) -> int:
    from benchmark.cli.console import people
    from benchmark.compute import machine
    from benchmark.corpora import data_folder
    from benchmark.execution import offload_pack
    from benchmark.execution.request import Request

    request = Request(
        **choice(args) | {"jobs": args.jobs or machine.cores()},
        data=data_folder.named(args.data),
        device="cpu",  # where the fits come home to
    )
    packed = offload_pack.pack(request, args.folder, most=args.max_mib << 20)
    size = sum(path.stat().st_size for path in packed.files) / 2**20
    people.print(f"packed: {', '.join(packed.jobs)}", markup=False)
    for what, names in (("no room for", packed.too_large), ("waits for another record", packed.waiting)):
        if names:
            people.print(f"{what}: {', '.join(names)}", markup=False)
    people.print(f"{len(packed.files)} files, {size:.1f} MiB: {args.folder}", markup=False)
    return DONE


def _fill(args: argparse.Namespace) -> int:
    from benchmark.cli.console import people
    from benchmark.execution import device, offload_fill

    filled = offload_fill.fill(args.folder, device=device.find(args.device), minutes=args.minutes)
    for name, why in filled.failed.items():
        people.print(f"failed: {name}: {why}", markup=False)
    people.print(
        f"{filled.folds} of {filled.of} folds are done; {filled.files} files come home", markup=False
    )
    return FAILED if filled.failed else DONE


def _unpack(args: argparse.Namespace) -> int:
    from benchmark.cli.console import people
    from benchmark.execution import offload_unpack

    people.print(f"{offload_unpack.unpack(args.folder)} files are new here; `run` goes on with them")
    return DONE
