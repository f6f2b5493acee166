"""Shows people how a run goes: live bars on a terminal, plain lines anywhere else."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from benchmark.cli import fit_progress, progress_bar
from benchmark.cli.console import people
from benchmark.compute.cluster import Node
from benchmark.execution import events
from benchmark.execution.estimate import Estimate
from benchmark.execution.events import JobEvent
from benchmark.execution.jobs import Job
from benchmark.execution.plan import Plan
from benchmark.execution.scheduler import Listen

UNITS: dict[events.Stage, progress_bar.Unit] = {
    "reading the corpora": "files",
    "computing features": "clips",
    "measuring costs": "records",
    "acoustic conditions": "folds",
}


NODES = {
    "joined": "node {0.name} joins, slots: {0.detail}",
    "refused": "node {0.name} is refused: {0.detail}",
    "gone": "node {0.name} is gone; what it did is done elsewhere",
    "awaited": "no node is there yet: python -m benchmark worker {0.name}",
}


@dataclass
class Display:
    """A listener for a run's events."""

    dry_run: bool = False
    bars: ExitStack = field(default_factory=ExitStack)  # of the stage that goes on
    advance: Callable[[int, int], None] | None = None  # called with its (done, total)
    on_job: Listen | None = None  # while folds are done
    todo: Sequence[Job] = ()

    def __call__(self, event: events.Event) -> None:
        match event:
            case events.Step():
                self._step(event)
            case JobEvent():
                (self.on_job or _show_failure)(event)
            case events.Planned():
                _show_plan(event.plan)
            case events.Prepared():
                self.todo = event.todo
                _show_work(event)
                if self.dry_run:
                    _show_wishes(event)
            case Estimate():
                _show_estimate(event)
            case events.FeaturesDamaged():
                people.print(f"{event.why}; it is computed again", markup=False)
            case Node():
                people.print(NODES[event.state].format(event), markup=False)
            case events.CostFailed():
                people.print(f"the cost of {event.job.record}: {event.why}", style="red", markup=False)
            case events.Final():
                _show_final(event)
            case events.FoldModels():
                _show_fold_models(event)
            case events.Robust():
                _show_robust(event)
            case events.Outcome():
                _show_outcome(event)

    def _step(self, step: events.Step) -> None:
        if step.state == "goes on" and self.advance:
            self.advance(step.done, step.total)
        elif step.state == "ends":
            self.bars.close()
            self.advance = self.on_job = None
        elif step.stage == "folds":
            self.on_job = self.bars.enter_context(running(step.total, self.todo))
        else:
            self.advance = self.bars.enter_context(progress_bar.bar(step.stage, unit=UNITS[step.stage]))


@contextmanager
def running(total: int, todo: Sequence[Job] = ()) -> Iterator[Listen]:
    """A listener for the events of jobs: bars over all folds, fits and trials, or a line a minute and a fold;
    a line a job."""
    done: dict[str, int] = {}
    started = time.monotonic()
    with _bars() as bars, fit_progress.shown(bars, todo):
        task = bars.add_task("folds", total=total)

        def listen(event: JobEvent) -> None:
            name = event.job.name
            if event.kind == "elsewhere":
                by = f" ({event.detail})" if event.detail else ""
                people.print(f"{name} is in the hands of another run{by}; waiting for it", markup=False)
                return
            done[name] = event.done
            folds = sum(done.values())
            bars.update(task, completed=folds, description=name)
            minutes = (time.monotonic() - started) / 60
            far = f"{folds:5d} of {total} folds, {minutes:5.1f} min: {name}"
            if event.kind == "finished":
                people.print(f"{far} is done")
            elif event.kind == "fold" and event.done < len(event.job.folds) and not people.is_terminal:
                people.print(f"{far}, {event.done} of its {len(event.job.folds)}")
            elif event.kind == "failed":
                _show_failure(event)
            elif event.kind == "unstacked":
                people.print(f"{name}: trained fit by fit, {event.detail}", markup=False)
            elif event.kind == "started" and event.done:
                people.print(f"{name}: goes on after {event.done} finished folds")

        yield listen


def _bars() -> Progress:
    return Progress(
        TextColumn("{task.description:40}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=people,
        disable=not people.is_terminal,
    )


def _show_failure(event: JobEvent) -> None:
    people.print(f"{event.job.name} failed: {event.detail}", style="red", markup=False)


def _show_plan(plan: Plan) -> None:
    for name, hint in plan.absent.items():
        people.print(f"missing: {name}: no audio here, so no results. {hint}".rstrip(), markup=False)
    for name in plan.partial:
        _show_gaps(name, [clip.path for clip in plan.inventories[name].missing])
    for name, why in plan.skipped:
        people.print(f"{name}: not run here, {why}", markup=False)
    if strangers := dict.fromkeys(job.plugin.info.name for job in plan.jobs if not job.plugin.ours):
        warning = "not part of unheard; to run a plugin is to run its author's code"
        people.print(f"{', '.join(strangers)}: {warning}", markup=False)
    if plan.heavy:
        people.print(f"one epoch of one fold of one corpus only, for their cost: {', '.join(plan.heavy)}")


def _show_gaps(corpus: str, missing: Sequence[str]) -> None:
    people.print(f"missing: {corpus}: {len(missing)} clips, first {missing[0]}", markup=False)


def _show_work(prepared: events.Prepared) -> None:
    all_, todo = len(prepared.plan.jobs), len(prepared.todo)
    people.print(f"{all_} records, {all_ - todo} of them already there")
    if all_ and not (todo or prepared.keeps or prepared.finals):
        results = prepared.plan.results
        people.print(f"nothing is left to do in {results}. To do all of it again: --results {results}-again",
                     markup=False)  # fmt: skip
    for name in prepared.unkeepable:
        people.print(f"{name}: offers no state (see state and load_state), so no model of it is kept")


def _show_wishes(prepared: events.Prepared) -> None:
    """What a run that is not dry would do."""
    for job in prepared.todo:
        people.print(f"would make {job.record} ({len(job.folds)} folds)", markup=False)
    for job in prepared.keeps:
        people.print(f"would keep the models of the folds of {job.name}", markup=False)
    for job in prepared.robust:
        people.print(
            f"would ask the models of the folds of {job.name} under acoustic conditions", markup=False
        )
    for job in prepared.finals:
        people.print(f"would fit {_final(job)}", markup=False)


def _show_estimate(found: Estimate) -> None:
    people.print(f"{found.fits} fits at most, {found.found} of them already there")
    if found.hours is not None:
        length = f"{found.hours:.1f} hours" if found.hours >= 1 else f"{60 * found.hours:.0f} minutes"
        people.print(f"about {length} on this machine, by a short try of each front end and model")
    if found.untried:
        people.print(f"not in the hours, since no short fit tells: {', '.join(found.untried)}")


def _show_final(event: events.Final) -> None:
    name = _final(event.job)
    if event.state == "kept":
        people.print(f"{name} is kept: {event.detail}", markup=False)
    elif event.state == "failed":
        people.print(f"{name} failed: {event.detail}", style="red", markup=False)
    else:
        people.print(f"{name}: not fitted, {event.detail}")


def _show_fold_models(event: events.FoldModels) -> None:
    name = f"{event.job.name}: the models of its folds"
    if event.state == "kept":
        people.print(f"{name} are kept: {event.detail}", markup=False)
    elif event.state == "failed":
        people.print(f"{name} failed: {event.detail}", style="red", markup=False)
    else:
        people.print(f"{name} are not kept, {event.detail}", markup=False)


def _show_robust(event: events.Robust) -> None:
    if event.state == "measured":
        people.print(f"{event.job.name}: {event.detail}", markup=False)
    elif event.state == "failed":
        people.print(f"{event.job.name}: its robustness failed: {event.detail}", style="red", markup=False)
    else:
        people.print(f"{event.job.name}: its robustness is not measured, {event.detail}", markup=False)


def _final(job: Job) -> str:
    return f"{job.plugin.info.name} on all of {job.corpora_named}"


def _show_outcome(outcome: events.Outcome) -> None:
    for name in outcome.absent:
        people.print(f"missing: {name}: no audio here, so no results")
    for name, missing in outcome.partial.items():
        _show_gaps(name, missing)
    if outcome.left:
        words = "the time is up: {} records are left, first {}. The same command goes on from here"
        people.print(words.format(len(outcome.left), outcome.left[0]), markup=False)
    if outcome.failed:
        people.print(f"{len(outcome.failed)} jobs failed: {', '.join(outcome.failed)}", markup=False)
    board = "synthetic results of the embedded corpora" if outcome.synthetic else "results"
    people.print(f"{board}: {outcome.results}", markup=False)
