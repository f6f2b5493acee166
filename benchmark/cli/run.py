"""`run`: train, tune and test models on the fixed folds, keep the evidence, build the site."""

from __future__ import annotations

import argparse
from typing import Any

from benchmark.cli.arguments import DATA_HELP, add_names, folder, positive

DONE = 0
SUITES = (  # as in benchmark.execution.suites, which takes longer to import than help may take
    "all (default), quick, enrolment, robustness, leakage, cross-corpus or other-benchmarks"
)


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("run", help="train, tune and test models, and build the leaderboard")
    parser.set_defaults(run=run)
    add_choice(parser)
    parser.add_argument("--device", default="auto", metavar="NAME",
                        help="auto (default), cpu, cuda, cuda:N or mps")  # fmt: skip
    parser.add_argument("--per-gpu", type=positive, metavar="K",
                        help="worker processes a GPU, each of which sees that one alone")  # fmt: skip
    parser.add_argument("--cluster", default="", metavar="ADDRESS|local:N",
                        help="do folds on the nodes of the Dask scheduler there (see `worker`), or on N "
                             "nodes of their own on this machine")  # fmt: skip
    parser.add_argument("--minutes", type=positive, metavar="N",
                        help="end after so long, the cheap first; the next call goes on")  # fmt: skip
    parser.add_argument("--dry-run", action="store_true",
                        help="say what would be done, and how long it would take, and stop")  # fmt: skip
    parser.add_argument("--force", action="store_true", help="replace records made with other settings")
    parser.add_argument("--out", type=folder, metavar="DIR",
                        help="where to build the site (default: _site, beside the results)")  # fmt: skip
    parser.add_argument("--final", action="store_true",
                        help="then fit each model on all speakers and keep it, for `predict`")  # fmt: skip


def add_choice(parser: argparse.ArgumentParser) -> None:
    """Declare what says which records are wanted, and where they go."""
    parser.add_argument("--suite", default="all", metavar="NAME", help=SUITES)
    parser.add_argument("--data", metavar="DIR", help=f"{DATA_HELP}, or `demo` for the embedded ones")
    add_names(parser, "--model", "NAME|FILE.py", "only this model; of several names, commas stand between")
    add_names(parser, "--corpus", "NAME", "only this corpus, or these: emodb,savee")
    add_names(parser, "--protocol", "NAME", "this protocol, or these, instead of the suite's")
    parser.add_argument("--seeds", type=positive, metavar="N",
                        help="seeds a model (default: 3, and no more rank; of 5 trials: 1)")  # fmt: skip
    parser.add_argument("--trials", type=positive, metavar="N", help="trials a search (default: 20; demo: 1)")
    parser.add_argument("--epochs", type=positive, metavar="N",
                        help="at most so many a fit, where time is short (does not rank)")  # fmt: skip
    parser.add_argument("--fold", action="append", type=int, default=[], metavar="N",
                        help="only this outer fold, counted from 0 (does not rank)")  # fmt: skip
    parser.add_argument("--numerics", default="fp32", metavar="CLASS",
                        help="of networks' arithmetic: fp32 (default), tf32, or bf16, which may be slower "
                             "on a processor without AVX-512 BF16 or AMX; each ranks apart")  # fmt: skip
    parser.add_argument("--jobs", type=positive, metavar="N", help="worker processes (default: one a core)")
    parser.add_argument("--results", type=folder, metavar="DIR",
                        help="default: ./results for a full run on real corpora, else ./_runs")  # fmt: skip
    parser.add_argument("--allow-missing", action="store_true",
                        help="go on without corpora or clips that are not there, and exit 3")  # fmt: skip
    parser.add_argument("--keep-models", action="store_true",
                        help="keep the model of each fold, to be asked again")  # fmt: skip


def choice(args: argparse.Namespace) -> dict[str, Any]:
    """What was chosen, by the names of the fields of `Request`, but for `data`."""
    return {
        "suite": args.suite,
        "models": args.model,
        "corpora": args.corpus,
        "protocols": args.protocol,
        "folds": args.fold,
        "seeds": args.seeds,
        "trials": args.trials,
        "epochs": args.epochs,
        "numerics": args.numerics,
        "jobs": args.jobs,
        "results": args.results,
        "allow_missing": args.allow_missing,
        "keep_models": args.keep_models,
    }


def run(args: argparse.Namespace) -> int:
    """Do it; 0 complete, 1 a job failed, 3 something was missing."""
    from benchmark import api
    from benchmark.cli import run_progress
    from benchmark.cli.console import people
    from benchmark.corpora import data_folder

    if data_folder.named(args.data) in (None, "demo"):
        people.print(
            "[bold]synthetic[/bold]: no real corpora are named, so the embedded miniature ones run, on a "
            "tiny budget. To run on real speech: --data DIR or UNHEARD_DATA, one folder a corpus."
        )
    outcome = api.run(
        **choice(args),
        data=args.data,
        device=args.device,
        per_gpu=args.per_gpu,
        cluster=args.cluster,
        force=args.force,
        final=args.final,
        minutes=args.minutes,
        dry_run=args.dry_run,
        site=args.out or True,
        listen=run_progress.Display(dry_run=args.dry_run),
    )
    if args.dry_run or not outcome.site:
        return DONE
    people.print(f"open this page: {outcome.site.resolve()}", markup=False)
    return outcome.exit_code
