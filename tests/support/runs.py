"""Runs on the embedded corpora, in this process or as a command, for several test files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmark.execution import jobs, plan, scheduler
from benchmark.execution.events import JobEvent
from benchmark.execution.jobs import Job
from benchmark.execution.plan import Plan
from benchmark.execution.request import Request
from benchmark.features import feature_store
from benchmark.records import record_files

TOY = str(Path(__file__).with_name("toy_model.py"))


def planned(
    results: Path,
    *,
    corpora: Sequence[str] = ("savee",),
    models: Sequence[str] = (TOY,),
    trials: int = 2,
    seeds: int = 1,
    compute: bool = True,
    **more: Any,
) -> Plan:
    """A plan on the embedded corpora whose features are all there; `more` are fields of its request."""
    wanted = Request(
        data="demo",
        corpora=corpora,
        models=models,
        trials=trials,
        seeds=seeds,
        device="cpu",
        results=results,
        **more,
    )
    made = plan.make(wanted)
    if compute:
        feature_store.ensure(made.features(made.jobs), jobs=2)
    return made


def run(made: Plan, *, size: int = 2) -> tuple[list[Job], list[JobEvent]]:
    """Run a plan's unfinished jobs: the jobs that failed, and all events."""
    events: list[JobEvent] = []
    todo = [job for job in made.jobs if not jobs.finished(job)]
    return scheduler.run(todo, size=size, listen=events.append), events


def evidence(results: Path) -> dict[str, Any]:
    """What training leaves, by path: records less `run`, commit and cost, predictions byte by byte."""
    kept: dict[str, Any] = {}
    for path in record_files.find(results):
        record = json.loads(path.read_bytes())
        del record["run"], record["cost"]
        del record["environment"]["commit"]  # somebody may commit, or edit, while the tests run
        kept[str(path.relative_to(results))] = record
        predictions = record_files.predictions_place(path)
        kept[str(predictions.relative_to(results))] = predictions.read_bytes()
    return kept


def litter(results: Path) -> list[Path]:
    """What a finished run must not leave behind."""
    return [
        *(path for path in results.rglob("*") if path.name.startswith(".part-")),
        *(path for path in results.glob(".work/*") if path.is_dir() and path.name != "fits"),
        *(path for path in results.glob(".work/fits/*/*") if path.suffix not in (".round", ".fold")),
    ]


def command(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end in a process of its own; its output is text."""
    return subprocess.run(
        [sys.executable, "-m", "benchmark", *map(str, arguments)],
        cwd=cwd,
        env={**_clean(), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,  # against a hang; a busy machine may need minutes
    )


def started(*arguments: object, cwd: Path, **environment: str) -> subprocess.Popen[bytes]:
    """Start the command line in a process group of its own, its output in cwd/log."""
    with (cwd / "log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "benchmark", *map(str, arguments)],
            cwd=cwd,
            env={**_clean(), **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=_obey_ctrl_c,
        )


def _obey_ctrl_c() -> None:
    """A shell's background job ignores Ctrl-C, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "UNHEARD_DATA"}
