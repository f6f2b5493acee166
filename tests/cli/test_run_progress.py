"""What people see of a run: plain lines off a terminal, bars on one."""

import io
from types import SimpleNamespace

import pytest
from rich.console import Console

from benchmark.cli import progress_bar, run_progress
from benchmark.compute.cluster import Node
from benchmark.execution import run
from benchmark.execution.events import JobEvent


@pytest.fixture
def console(monkeypatch):
    """Replace the console of `run_progress` and `progress_bar`; gives what was written."""

    def replace(*, terminal):
        out = io.StringIO()
        made = Console(file=out, force_terminal=terminal, width=160, highlight=False)
        monkeypatch.setattr(run_progress, "people", made)
        monkeypatch.setattr(progress_bar, "people", made)
        return out

    return replace


def job(name, folds=2):
    return SimpleNamespace(name=name, folds=list(range(folds)))


def test_off_a_terminal_there_is_a_line_for_each_end(console):
    out = console(terminal=False)
    first, second = job("a-loso one seed 0"), job("a-loso two seed 0", folds=3)
    with run_progress.running(5) as listen:
        listen(JobEvent("started", first))
        listen(JobEvent("started", second, 1))
        listen(JobEvent("fold", first, 1))
        listen(JobEvent("fold", first, 2))
        listen(JobEvent("finished", first, 2))
        listen(JobEvent("failed", second, detail="fold 2: no [trial] gave finite probabilities"))
    assert out.getvalue().splitlines() == [
        "a-loso two seed 0: goes on after 1 finished folds",
        "    2 of 5 folds,   0.0 min: a-loso one seed 0, 1 of its 2",
        "    3 of 5 folds,   0.0 min: a-loso one seed 0 is done",
        "a-loso two seed 0 failed: fold 2: no [trial] gave finite probabilities",
    ]


def test_nodes_that_come_and_go_are_named(console):
    out, display = console(terminal=False), run_progress.Display()
    display(Node("tcp://c:1", "awaited"))
    display(Node("a-1", "joined", "4"))
    display(Node("b-2", "refused", "torch is 2.11, the run's is 2.12."))
    display(Node("a-1", "gone"))
    assert out.getvalue().splitlines() == [
        "no node is there yet: python -m benchmark worker tcp://c:1",
        "node a-1 joins, slots: 4",
        "node b-2 is refused: torch is 2.11, the run's is 2.12.",
        "node a-1 is gone; what it did is done elsewhere",
    ]


def test_a_job_in_the_hands_of_another_run_is_named(console):
    out = console(terminal=False)
    with run_progress.running(2) as listen:
        listen(JobEvent("elsewhere", job("a-loso one seed 0")))
        listen(JobEvent("elsewhere", job("a-loso one seed 0"), detail="process 7 on b"))
    assert out.getvalue().splitlines() == [
        "a-loso one seed 0 is in the hands of another run; waiting for it",
        "a-loso one seed 0 is in the hands of another run (process 7 on b); waiting for it",
    ]


def test_on_a_terminal_there_is_a_bar(console):
    out = console(terminal=True)
    only = job("a-loso one seed 0")
    with run_progress.running(2) as listen:
        listen(JobEvent("started", only))
        listen(JobEvent("fold", only, 1))
    assert "a-loso one seed 0" in out.getvalue()
    assert "1/2" in out.getvalue()


def test_progress_says_something_now_and_then(console, monkeypatch):
    out = console(terminal=False)
    monkeypatch.setattr(progress_bar, "EVERY", 0.0)
    with progress_bar.bar("computing features", unit="clips") as advance:
        advance(0, 480)
        advance(32, 480)
        advance(64, 0)
    assert out.getvalue().splitlines() == [
        "computing features: 0 of 480 clips",
        "computing features: 32 of 480 clips; about 0 min are left",
        "computing features: 64 of ? clips",
    ]


def test_progress_is_silent_for_what_is_quick(console):
    out = console(terminal=False)
    with progress_bar.bar("reading") as advance:
        advance(1, 2)
    assert out.getvalue() == ""


def test_what_is_done_says_how_to_do_it_again(console):
    out = console(terminal=False)
    plan = SimpleNamespace(jobs=[job("a")], results="results")
    nothing = {"plan": plan, "todo": [], "finals": [], "keeps": [], "unkeepable": []}
    run_progress._show_work(SimpleNamespace(**nothing))
    assert out.getvalue().splitlines() == [
        "1 records, 1 of them already there",
        "nothing is left to do in results. To do all of it again: --results results-again",
    ]
    for wanted in ("todo", "finals", "keeps"):
        run_progress._show_work(SimpleNamespace(**nothing | {wanted: [job("a")]}))
    assert out.getvalue().count("again") == 2


def test_features_that_were_damaged_are_named(console, monkeypatch):
    out = console(terminal=False)

    def ensure(wanted, *, damaged, **_):
        damaged(f"{wanted}: a byte has changed")
        return {}

    monkeypatch.setattr(run.feature_store, "ensure", ensure)
    prepared = SimpleNamespace(
        todo=[], finals=[], keeps=[], plan=SimpleNamespace(features=lambda _: "savee-[mfcc]")
    )
    assert run._compute_features(prepared, size=1, listen=run_progress.Display()) == []
    assert out.getvalue() == "savee-[mfcc]: a byte has changed; it is computed again\n"
