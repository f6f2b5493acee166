"""Writes the predictions of a few runs, and compares them with those that an earlier version wrote.

    python tests/reference_predictions.py OUT --data DIR    # the records go below OUT
    python tests/reference_predictions.py OUT --compare     # their digests with reference_predictions.json
    python tests/reference_predictions.py OUT --keep        # a new reference, after a change that is wanted

A change that should leave all predictions as they are, such as moving code, is tried this way before it is
merged. The runs: two simple models on SAVEE with a full search, a fold of EMO-DB by three trained ones, a
fold of SAVEE by the ViT student and its teacher for two epochs, and the embedded corpora. They take half an
hour on two cores, so no test does it. Bits are promised for one kind of processor and one set of versions
(docs/rules.md, "Repeatable"); elsewhere the last digits may differ.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

from msgspec import structs

import benchmark
from benchmark.compute import machine
from benchmark.execution import plan, scheduler
from benchmark.execution.request import Request
from benchmark.features import feature_store

REFERENCE = Path(__file__).with_suffix(".json")


def run(out: Path, data: str) -> None:
    """Make all records below `out`."""
    real, few = {"data": data, "device": "cpu", "seeds": 1, "results": out / "real", "allow_missing": True}, 2
    benchmark.run(models=("mfcc-logreg", "egemaps-svm"), corpora="savee", trials=20, **real)
    networks = ("small-cnn", "gru-attention", "compare-mlp")
    benchmark.run(models=networks, corpora="emodb", folds=[0], trials=few, **real)
    two_epochs(out / "real", data)
    benchmark.run(data="demo", results=out / "demo")


def two_epochs(results: Path, data: str) -> None:
    """The ViT student and its teacher on a fold of SAVEE: the command line has no budget of epochs."""
    request = Request(data=data, corpora=("savee",), models=("vit-student",), folds=(0,), trials=1, seeds=1,
                      device="cpu", results=results, allow_missing=True)  # fmt: skip
    made, short = plan.make(request), {}
    for job in made.jobs:
        budget = structs.replace(job.budget, epochs=2)
        short[job] = replace(job, budget=budget, teacher=job.teacher and short[job.teacher])
    feature_store.ensure(made.features(made.jobs), jobs=machine.cores())
    failed = scheduler.run(list(short.values()), size=machine.cores(), listen=lambda _event: None)
    assert not failed, [job.name for job in failed]


def digests(out: Path) -> dict[str, str]:
    """SHA-256 of each record's predictions, unpacked, by the record's place below `out`."""
    return {
        path.relative_to(out).as_posix().removesuffix(".csv.gz"): hashlib.sha256(
            gzip.decompress(path.read_bytes())
        ).hexdigest()
        for path in sorted(out.glob("*/*/*/*/seed-*.csv.gz"))
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--data", help="the folder of the real corpora; without it nothing is run")
    parser.add_argument("--compare", action="store_true")
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    if args.data:
        run(args.out, args.data)
    found = digests(args.out)
    if args.keep:
        REFERENCE.write_text(json.dumps(found, indent=1, sort_keys=True) + "\n")
    if not args.compare:
        return 0
    reference = json.loads(REFERENCE.read_text())
    other = sorted(name for name in reference.keys() & found.keys() if reference[name] != found[name])
    absent = sorted(reference.keys() ^ found.keys())
    print(f"{len(reference.keys() & found.keys()) - len(other)} of {len(reference)} are equal bit for bit")
    print(
        *(f"differs: {name}" for name in other), *(f"only on one side: {name}" for name in absent), sep="\n"
    )
    return 1 if other or absent else 0


if __name__ == "__main__":
    sys.exit(main())
