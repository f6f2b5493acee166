"""`run`: train, tune and test models on the fixed folds, keep the evidence, build the site."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.verbs.arguments import DATA_HELP, named_data, positive

if TYPE_CHECKING:
    from benchmark.jobs import Job
    from benchmark.plan import Plan

DONE, FAILED, PARTIAL = 0, 1, 3


def add(subparsers: Any) -> None:
    """Declare the verb."""
    parser = subparsers.add_parser("run", help="train, tune and test models, and build the leaderboard")
    parser.set_defaults(run=run)
    parser.add_argument("--suite", default="all", metavar="NAME", help="all (default) or quick")
    parser.add_argument("--data", metavar="DIR", help=f"{DATA_HELP}, or `demo` for the embedded ones")
    parser.add_argument(
        "--model", action="append", default=[], metavar="NAME|FILE.py", help="only this model"
    )
    parser.add_argument("--corpus", action="append", default=[], metavar="NAME", help="only this corpus")
    parser.add_argument("--seeds", type=positive, metavar="N", help="seeds a model (default: 3; demo: 1)")
    parser.add_argument("--trials", type=positive, metavar="N", help="trials a search (default: 20; demo: 1)")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--jobs", type=positive, metavar="N", help="worker processes (default: one a core)")
    parser.add_argument("--results", type=Path, metavar="DIR",
                        help="default: ./results for a full run on real corpora, else ./_runs")  # fmt: skip
    parser.add_argument("--allow-missing", action="store_true",
                        help="go on without corpora or clips that are not there, and exit 3")  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and stop")
    parser.add_argument("--force", action="store_true", help="replace records made with other settings")


def run(args: argparse.Namespace) -> int:
    """Do it; 0 complete, 1 a job failed, 3 something was missing."""
    from benchmark import display, engine, files, jobs, plan, progress, workers
    from benchmark.console import people

    size = args.jobs or workers.cores()
    data = named_data(args.data)
    if data in (None, "demo"):
        people.print(
            "[bold]synthetic[/bold]: no corpora are named, so the embedded miniature ones run, on a tiny "
            "budget. To run on real speech: --data DIR or UNHEARD_DATA, one folder a corpus."
        )
    with progress.bar("reading the corpora") as tell:
        made = plan.make(_request(args, data=data, size=size), progress=tell)
    for name, why in made.skipped:
        people.print(f"{name}: not run here, {why}", markup=False)
    todo = [job for job in made.jobs if not jobs.finished(job)]
    if not args.force:
        jobs.refuse_other_keys(todo)
    people.print(f"{len(made.jobs)} records, {len(made.jobs) - len(todo)} of them already there")
    if args.dry_run:
        for job in todo:
            people.print(f"would make {job.record} ({len(job.folds)} folds)", markup=False)
        return DONE
    files.ready(made.results)
    engine.sweep([job for job in made.jobs if job not in todo])
    _compute_features(made, todo, size=size)
    with display.running(todo) as listen:
        failed = engine.run(todo, size=size, listen=listen)
    return _close(made, failed)


def _request(args: argparse.Namespace, *, data: str | None, size: int) -> Any:
    from benchmark.plan import Request

    return Request(
        suite=args.suite,
        data=data,
        models=args.model,
        corpora=args.corpus,
        seeds=args.seeds,
        trials=args.trials,
        device=args.device,
        jobs=size,
        results=args.results,
        allow_missing=args.allow_missing,
    )


def _compute_features(made: Plan, todo: list[Job], *, size: int) -> None:
    from benchmark import features, progress

    wanted = {job.features: (job.plugin.features, made.inventories[job.corpus.name]) for job in todo}
    with progress.bar("computing features", unit="clips") as tell:
        features.ensure(list(wanted.values()), jobs=size, progress=tell)


def _close(made: Plan, failed: list[Job]) -> int:
    from benchmark.console import people
    from benchmark.verbs.site import build_site

    page = build_site(made.results, Path("_site"))
    board = "synthetic results of the embedded corpora" if made.synthetic else "results"
    people.print(f"{board}: {made.results}\nopen this page: {page.resolve()}", markup=False)
    for name in made.absent:
        people.print(f"missing: {name}: no audio here, so no results")
    for name in made.partial:
        missing = made.inventories[name].missing
        people.print(f"missing: {name}: {len(missing)} clips, first {missing[0].path}", markup=False)
    if failed:
        people.print(f"{len(failed)} jobs failed: {', '.join(job.name for job in failed)}", markup=False)
        return FAILED
    return PARTIAL if made.absent or made.partial else DONE
