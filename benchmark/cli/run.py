"""`run`: train, tune and test models on the fixed folds, keep the evidence, build the site."""

from __future__ import annotations

import argparse
import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.cli.arguments import DATA_HELP, folder, named_data, positive

if TYPE_CHECKING:
    from benchmark.execution.jobs import Job
    from benchmark.execution.plan import Plan


DONE, FAILED, PARTIAL = 0, 1, 3
SITE = Path("_site")


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
    parser.add_argument("--fold", action="append", type=int, default=[], metavar="N",
                        help="only this outer fold, counted from 0 (does not rank)")  # fmt: skip
    parser.add_argument("--device", choices=("auto", "cpu", "cuda"), default="auto")
    parser.add_argument("--jobs", type=positive, metavar="N", help="worker processes (default: one a core)")
    parser.add_argument("--results", type=folder, metavar="DIR",
                        help="default: ./results for a full run on real corpora, else ./_runs")  # fmt: skip
    parser.add_argument("--allow-missing", action="store_true",
                        help="go on without corpora or clips that are not there, and exit 3")  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and stop")
    parser.add_argument("--force", action="store_true", help="replace records made with other settings")
    parser.add_argument("--final", action="store_true",
                        help="then fit each model on all speakers and keep it, for `predict`")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Do it; 0 complete, 1 a job failed, 3 something was missing."""
    from benchmark.cli import display, progress
    from benchmark.cli.console import people
    from benchmark.compute import machine
    from benchmark.execution import jobs, plan, scheduler
    from benchmark.storage import files
    from benchmark.website import folder

    size = args.jobs or machine.cores()
    data = named_data(args.data)
    if data in (None, "demo"):
        people.print(
            "[bold]synthetic[/bold]: no real corpora are named, so the embedded miniature ones run, on a "
            "tiny budget. To run on real speech: --data DIR or UNHEARD_DATA, one folder a corpus."
        )
    with progress.bar("reading the corpora") as tell:
        made = plan.make(_request(args, data=data, size=size), progress=tell)
    for name, why in made.skipped:
        people.print(f"{name}: not run here, {why}", markup=False)
    if strangers := dict.fromkeys(job.plugin.info.name for job in made.jobs if not job.plugin.ours):
        told = "not part of unheard; to run a plugin is to run its author's code"
        people.print(f"{', '.join(strangers)}: {told}", markup=False)
    if made.heavy:
        people.print(f"one fold of one corpus only, for their cost: {', '.join(made.heavy)}")
    todo = [job for job in made.jobs if not jobs.finished(job)]
    if not args.force:
        jobs.refuse_other_keys(todo)
    people.print(f"{len(made.jobs)} records, {len(made.jobs) - len(todo)} of them already there")
    finals = _unkept(made) if args.final else []
    if args.dry_run:
        for job in todo:
            people.print(f"would make {job.record} ({len(job.folds)} folds)", markup=False)
        for job in finals:
            people.print(f"would fit {job.plugin.info.name} on all of {job.corpora_named}", markup=False)
        return DONE
    _refuse_uncountable(todo)
    folder.refuse_strange(SITE)
    files.ready(made.results)
    scheduler.sweep([job for job in made.jobs if job not in todo])
    featureless = _compute_features(made, list(dict.fromkeys([*todo, *finals])), size=size)
    todo = [job for job in todo if job not in featureless]
    with display.running(todo) as listen:
        failed = featureless + scheduler.run(todo, size=size, listen=listen)
    failed += _complete(made)
    failed += _fit_finals([job for job in finals if job not in featureless], size=size)
    return _close(made, list(dict.fromkeys(failed)))


def _request(args: argparse.Namespace, *, data: str | None, size: int) -> Any:
    from benchmark.execution.request import Request

    return Request(
        suite=args.suite,
        data=data,
        models=args.model,
        corpora=args.corpus,
        seeds=args.seeds,
        trials=args.trials,
        folds=args.fold,
        device=args.device,
        jobs=size,
        results=args.results,
        allow_missing=args.allow_missing,
    )


def _compute_features(made: Plan, todo: list[Job], *, size: int) -> list[Job]:
    """Compute what these jobs hear; returns the jobs whose front end failed."""
    from benchmark.cli import progress
    from benchmark.cli.console import people
    from benchmark.execution import scheduler
    from benchmark.features import feature_store

    with progress.bar("computing features", unit="clips") as tell:
        errors = feature_store.ensure(made.features(todo), jobs=size, progress=tell)
    failed = []
    for job in todo:
        if why := [scheduler.error_text(errors[home]) for home in job.homes if home in errors]:
            people.print(f"{job.name} failed: its features: {why[0]}", style="red", markup=False)
            failed.append(job)
    return failed


def _refuse_uncountable(todo: list[Job]) -> None:
    """PluginError for a network whose cost cannot be counted, before days are spent on its training."""
    if not todo:
        return
    from benchmark.cost import measure
    from protocols.contract import TorchModel
    from protocols.errors import WeightsError

    for plugin in dict.fromkeys(job.plugin for job in todo):
        if issubclass(plugin.model, TorchModel):
            with contextlib.suppress(WeightsError):  # of its encoder: told with its features
                measure.of_network(plugin)


def _complete(made: Plan) -> list[Job]:
    """Measure what the finished records' models cost, one alone; returns the jobs where that failed."""
    from benchmark.cli import progress
    from benchmark.cli.console import people
    from benchmark.compute import executor
    from benchmark.execution import costs
    from protocols.errors import StoreError

    tasks, failed = costs.wanted(made.jobs), []
    with progress.bar("measuring costs", unit="records") as tell:
        for done, (task, error) in enumerate(executor.run(costs.complete, iter(tasks), size=1), start=1):
            tell(done, len(tasks))
            if isinstance(error, StoreError):
                raise error
            if error is not None:
                people.print(f"the cost of {task.record}: {error}", style="red", markup=False)
                failed += [job for job in made.jobs if job.record == task.record]
    return failed


def _unkept(made: Plan) -> list[Job]:
    """The jobs at seed 0 whose final model is to be fitted; names the models that cannot be kept."""
    from benchmark.cli.console import people
    from benchmark.execution import final_models

    first = [job for job in made.jobs if job.seed == 0]
    for name in dict.fromkeys(job.plugin.info.name for job in first if not final_models.keepable(job.plugin)):
        people.print(f"{name}: offers no state (see state and load_state), so no final model of it is kept")
    return [job for job in first if final_models.keepable(job.plugin) and not final_models.kept(job)]


def _fit_finals(wanted: list[Job], *, size: int) -> list[Job]:
    """Fit and keep the final models of jobs whose records are there; returns the jobs where that failed."""
    from benchmark.cli.console import people
    from benchmark.compute import executor
    from benchmark.execution import final_models
    from protocols.errors import StoreError

    for job in wanted:
        if not final_models.ready(job):
            people.print(
                f"{job.plugin.info.name} on all of {job.corpora_named}: not fitted, its record failed"
            )
    tasks = {final_models.of(job): job for job in wanted if final_models.ready(job)}
    failed = []
    for task, error in executor.run(final_models.fit, iter(tasks), size=size):
        job = tasks[task]
        name = f"{job.plugin.info.name} on all of {job.corpora_named}"
        if isinstance(error, StoreError):
            raise error
        if error is not None:
            people.print(f"{name} failed: {type(error).__name__}: {error}", style="red", markup=False)
            failed.append(job)
        else:
            people.print(f"{name} is kept: {task.home}", markup=False)
    return failed


def _close(made: Plan, failed: list[Job]) -> int:
    from benchmark.cli.console import people
    from benchmark.cli.site import build_site, current

    for name in made.absent:
        people.print(f"missing: {name}: no audio here, so no results")
    for name in made.partial:
        missing = made.inventories[name].missing
        people.print(f"missing: {name}: {len(missing)} clips, first {missing[0].path}", markup=False)
    if failed:
        people.print(f"{len(failed)} jobs failed: {', '.join(job.name for job in failed)}", markup=False)
    board = "synthetic results of the embedded corpora" if made.synthetic else "results"
    people.print(f"{board}: {made.results}", markup=False)
    page = current(made.results, SITE) or build_site(made.results, SITE)
    people.print(f"open this page: {page.resolve()}", markup=False)
    if failed:
        return FAILED
    return PARTIAL if made.absent or made.partial else DONE
