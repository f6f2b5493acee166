"""What people see of fits that are under way."""

import io
import time

import numpy as np
import pytest
import runs
from rich.console import Console
from rich.progress import Progress

from benchmark.cli import fit_progress
from benchmark.execution import fit_store, jobs, workload
from benchmark.execution.fit_store import Want
from benchmark.execution.workload import Done
from benchmark.training import inner_fits


@pytest.fixture
def out(monkeypatch):
    out = io.StringIO()
    monkeypatch.setattr(fit_progress, "people", Console(file=out, width=200))
    monkeypatch.setattr(fit_progress, "SELDOM", 0.01)
    return out


def shown_until(words, out, todo):
    with Progress(disable=True) as bars, fit_progress.shown(bars, todo):
        for _ in range(500):
            if words in out.getvalue():
                return True
            time.sleep(0.01)
    return False


def test_off_a_terminal_there_is_a_line_now_and_then(out, monkeypatch, tmp_path):
    todo = runs.planned(tmp_path, trials=5, compute=False).jobs  # 2 folds, 3 inner folds
    looks = iter([Done(0, ()), *[Done(4, (3, 7), 5)] * 1000])
    monkeypatch.setattr(workload, "look", lambda _: next(looks))
    line = "4 of at most 32 fits, 5 of 10 trials, 2 under way at epoch 7; about 0 min are left"
    assert shown_until(line, out, todo)


def test_fits_are_found_by_their_files(out, tmp_path):
    [job] = todo = runs.planned(tmp_path, trials=5, compute=False).jobs
    job.fits.mkdir(parents=True)
    (job.fits / "done.round").write_text("")
    fit = inner_fits.inner_fit(np.zeros((3, 1, 7)), [1, 2, 3], {})
    want = Want(params={}, part=1, epochs=9, by_epoch=True, round="open")
    fit_store.write(jobs.tasks(job)[0], want, fit_store.Progress(fit=fit, state=b"goes on"))
    assert workload.look(todo) == Done(15, (3,), 5)
    fit_store.write(jobs.tasks(job)[0], want, fit_store.Progress(fit=fit))
    assert workload.look(todo) == Done(16, (), 5)
    assert shown_until("16 of at most 32 fits, 5 of 10 trials\n", out, todo)
    for number in range(5):  # a family's other records, which are there
        (job.fits / f"{number}.round").write_text("")
    assert workload.look(todo) == Done(32, (), 10)


def test_on_a_terminal_there_are_bars_of_fits_and_trials(monkeypatch, tmp_path):
    screen = io.StringIO()
    monkeypatch.setattr(fit_progress, "people", Console(file=screen, force_terminal=True, width=200))
    monkeypatch.setattr(fit_progress, "OFTEN", 0.01)
    monkeypatch.setattr(fit_progress, "REST", 0)
    todo = runs.planned(tmp_path, trials=5, compute=False).jobs
    monkeypatch.setattr(workload, "look", lambda _: Done(4, (), 5))
    with Progress(disable=True) as bars, fit_progress.shown(bars, todo):
        for _ in range(500):
            if bars.tasks[1].completed:
                break
            time.sleep(0.01)
    assert [(task.description, task.completed, task.total) for task in bars.tasks] == [
        ("fits", 4, 32), ("trials", 5, 10)
    ]  # fmt: skip
    assert screen.getvalue() == ""


def test_nothing_to_do_shows_nothing(out):
    with Progress(disable=True) as bars, fit_progress.shown(bars, []):
        assert bars.tasks == []
    assert out.getvalue() == ""
