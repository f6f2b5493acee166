"""Whole runs: the same evidence however they are executed, and nothing lost when something breaks."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import runs

from benchmark.compute import executor
from benchmark.execution import assembly, jobs, scheduler
from benchmark.records import record_files
from benchmark.storage import files
from benchmark.storage.leases import Lease
from protocols.errors import StoreError

pytestmark = pytest.mark.slow

SWIFT = ("mfcc-logreg", runs.TOY)  # whose processes start without torch
MODELS = (*SWIFT, "small-cnn")
RUN = (
    *("run", "--data", "demo", "--corpus", "savee", "--corpus", "tess", "--results", "results"),
    *("--device", "cpu", "--trials", 2, "--seeds", 2),
    *(word for name in SWIFT for word in ("--model", name)),
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """Three models, two corpora, two seeds, in two workers: the results folder."""
    made = runs.planned(
        tmp_path_factory.mktemp("engine") / "results", corpora=("savee", "tess"), models=MODELS, seeds=2
    )
    failed, events = runs.run(made)
    assert not failed
    ends = [event for event in events if event.kind == "finished"]
    assert len(ends) == len(made.jobs) == 2 * 3 * 2
    assert all(event.done == 2 for event in ends)
    return made.results


def only(results, *names):
    """The part of a folder's evidence whose path has one of the names in it."""
    kept = runs.evidence(results)
    return {path: kept[path] for path in kept if any(name in path for name in names)}


def test_the_number_of_workers_does_not_matter(undisturbed, tmp_path):
    made = runs.planned(tmp_path / "results", corpora=("savee", "tess"), models=MODELS, seeds=2)
    failed, _ = runs.run(made, size=1)
    assert not failed
    assert runs.evidence(made.results) == runs.evidence(undisturbed)
    assert not runs.litter(made.results)


@pytest.mark.parametrize(("board", "anew"), [("synthetic", False), ("derived", True), ("official", True)])
def test_on_real_speech_each_fold_has_a_process_of_its_own(monkeypatch, board, anew):
    asked = []
    monkeypatch.setattr(executor, "run", lambda *_, **how: asked.append(how["anew"]) or (_ for _ in ()))
    job: Any = SimpleNamespace(board=board, device="cpu", record="", seed=0, teacher=None)
    scheduler.run([job], size=1, listen=print)
    assert asked == [anew]


def test_a_network_searches_with_seed_0_and_the_others_refit_its_winners(undisturbed):
    leader, other = (
        record_files.read(undisturbed / f"synthetic/savee-loso/small-cnn/seed-{seed}.json") for seed in (0, 1)
    )
    assert [len(fold.trials) for fold in leader.folds] == [2, 2]
    assert [fold.trials for fold in other.folds] == [[], []]
    for searched, refitted in zip(leader.folds, other.folds, strict=True):
        for fact in ("fold", "test", "params", "epochs", "temperature", "parameters", "inner_uar"):
            assert getattr(searched, fact) == getattr(refitted, fact)
    assert leader.predictions != other.predictions
    assert leader.folds[0].parameters > 1000


@pytest.mark.parametrize("model", ["mfcc-logreg", "toy"])
def test_a_model_without_epochs_searches_anew_with_each_seed(undisturbed, model):
    first, second = (
        record_files.read(undisturbed / f"synthetic/savee-loso/{model}/seed-{seed}.json") for seed in (0, 1)
    )
    for one, other in zip(first.folds, second.folds, strict=True):
        assert len(one.trials) == len(other.trials) == 2
        assert one.trials[0].params == other.trials[0].params  # the model's own setting
        assert one.trials[1].params != other.trials[1].params


def test_a_second_run_has_nothing_to_do(undisturbed):
    made = runs.planned(undisturbed, corpora=("savee", "tess"), models=MODELS, seeds=2)
    assert all(jobs.finished(job) for job in made.jobs)


@pytest.mark.parametrize("trouble", ["raise", "die"])
def test_a_broken_model_fails_by_itself(tmp_path, monkeypatch, trouble):
    monkeypatch.setenv("TOY_TROUBLE", trouble)
    made = runs.planned(tmp_path / "results", models=(runs.TOY, "prior"), seeds=2)
    failed, events = runs.run(made)
    assert [job.name for job in failed] == ["savee-loso toy seed 0", "savee-loso toy seed 1"]
    why = [event.detail for event in events if event.kind == "failed"]
    assert "the toy is broken" in why[0] if trouble == "raise" else "its worker process died" in why[0]
    assert why[1] == "seed 0 has failed, and its record decides what this seed does"
    assert [path.parent.name for path in record_files.find(made.results)] == ["prior", "prior"]
    monkeypatch.delenv("TOY_TROUBLE")
    assert runs.run(made)[0] == []
    assert len(list(record_files.find(made.results))) == 4
    assert not runs.litter(made.results)


def test_what_another_run_holds_is_left_to_it(tmp_path):
    made = runs.planned(tmp_path / "results")
    (job,) = made.jobs
    held = Lease(job.lease)
    assert held.take()
    released, events = [], []

    def listen(event):
        events.append(event)
        if event.kind == "elsewhere":
            held.release()
            released.append(event)

    assert scheduler.run([job], size=1, listen=listen) == []
    assert [event.kind for event in events] == ["elsewhere", "started", "fold", "fold", "finished"]
    assert len(released) == 1


def test_what_another_run_has_finished_meanwhile_is_taken(undisturbed, tmp_path):
    shutil.copytree(undisturbed / "synthetic", tmp_path / "results/synthetic")
    made = runs.planned(tmp_path / "results", corpora=("savee",))
    before = made.jobs[0].record.stat().st_mtime_ns
    events = []
    assert scheduler.run(made.jobs, size=1, listen=events.append) == []
    assert [event.kind for event in events] == ["finished"]
    assert made.jobs[0].record.stat().st_mtime_ns == before


def test_a_record_of_other_settings_that_came_meanwhile_is_not_replaced(tmp_path):
    """Two runs began when there was none; to replace the other's takes --force, as before a run."""
    (first,), (second,) = (runs.planned(tmp_path / "results", trials=trials).jobs for trials in (1, 2))
    assert scheduler.run([first], size=1, listen=lambda _event: None) == []
    kept, events = runs.evidence(tmp_path / "results"), []
    assert scheduler.run([second], size=1, listen=events.append) == [second]
    assert "was made with other settings" in events[-1].detail
    assert runs.evidence(tmp_path / "results") == kept
    assert scheduler.run([second], size=1, listen=events.append, force=True) == []
    assert record_files.read(second.record).key == second.key


def test_a_record_that_cannot_be_made_costs_its_own_job_alone(tmp_path, monkeypatch):
    made = runs.planned(tmp_path / "results", corpora=("savee", "tess"))
    assemble = assembly.assemble

    def broken(job, results):
        return 1 / 0 if job is made.jobs[0] else assemble(job, results)

    monkeypatch.setattr(assembly, "assemble", broken)
    failed, events = runs.run(made)
    assert failed == [made.jobs[0]]
    assert "ZeroDivisionError" in next(event.detail for event in events if event.kind == "failed")
    assert [job.record.is_file() for job in made.jobs] == [False, True]
    monkeypatch.undo()
    failed, events = runs.run(made)
    assert not failed
    assert "fold" not in [event.kind for event in events]  # its finished folds were kept


def test_killed_between_the_last_fold_and_the_record(undisturbed, tmp_path, monkeypatch):
    made = runs.planned(tmp_path / "results", corpora=("savee",))
    with monkeypatch.context() as patch:

        def full(*_):
            raise StoreError("results: cannot be written: the disk is full")

        patch.setattr(record_files, "write", full)
        with pytest.raises(StoreError, match="the disk is full"):
            runs.run(made)
    assert not made.jobs[0].record.exists()
    (made.jobs[0].record.parent).mkdir(parents=True)
    (made.jobs[0].record.parent / f"{files.PART}seed-0.csv.gz-half").write_text("{")
    sibling = made.jobs[0].record.parent / f"{files.PART}seed-01.json-half"
    sibling.write_text("{")
    failed, events = runs.run(made)
    assert not failed
    assert [event.kind for event in events] == ["started", "finished"]  # no fold was done again
    assert runs.evidence(made.results) == only(undisturbed, "savee-loso/toy/seed-0")
    assert runs.litter(made.results) == [sibling]  # another run may be writing it


def test_work_of_a_run_that_was_killed_after_its_record_is_swept(tmp_path):
    made = runs.planned(tmp_path / "results", models=("prior",), compute=False)
    (made.jobs[0].work / "fold-00").mkdir(parents=True)
    scheduler.sweep(made.jobs)
    assert not runs.litter(made.results)


def test_killed_at_random_moments_it_ends_the_same(undisturbed, tmp_path):
    """The whole process group is killed with SIGKILL; one that was left alone ends what is left."""
    rng = random.Random(20)
    kills, rc = 0, None
    while rc is None:
        before = set(tmp_path.glob("results/.work/*/*"))
        running = runs.started(*RUN, "--jobs", 2, cwd=tmp_path)
        while running.poll() is None and set(tmp_path.glob("results/.work/*/*")) <= before:
            time.sleep(0.02)  # until it has done something
        patience = time.monotonic() + (rng.uniform(0, 0.3) if kills < 5 else 200)
        while running.poll() is None and time.monotonic() < patience:
            time.sleep(0.02)
        if running.poll() is None:
            target = os.killpg if kills % 2 else os.kill  # all of it, or the parent alone
            target(running.pid, signal.SIGKILL)
            running.wait()
            kills += 1
        else:
            rc = running.returncode
    assert rc == 0, (tmp_path / "log").read_text()
    assert kills >= 3
    assert runs.evidence(tmp_path / "results") == only(undisturbed, "mfcc-logreg", "toy")
    assert not runs.litter(tmp_path / "results")
    assert "Traceback" not in (tmp_path / "log").read_text()


def test_two_runs_at_once_do_not_harm_each_other(undisturbed, tmp_path):
    both = [runs.started(*RUN, "--jobs", 1, cwd=tmp_path) for _ in range(2)]
    assert [running.wait(timeout=200) for running in both] == [0, 0], (tmp_path / "log").read_text()
    assert runs.evidence(tmp_path / "results") == only(undisturbed, "mfcc-logreg", "toy")
    assert not runs.litter(tmp_path / "results")
    assert (tmp_path / "_site/index.html").is_file()


def test_a_full_disk_stops_the_run_and_it_goes_on_afterwards(undisturbed, tmp_path):
    """A limit on the size of a file stands in: what a worker writes does not fit."""
    script = (
        "import resource, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from benchmark.records import record_files\n"
        "def small(path, record, predictions):\n"
        "    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (200, hard))\n"
        "    write(path, record, predictions)\n"
        "write, record_files.write = record_files.write, small\n"
        "from benchmark.cli import main\n"
        "if __name__ == '__main__':\n"
        "    sys.exit(main.main(sys.argv[1:]))\n"
    )
    (tmp_path / "full.py").write_text(script)
    arguments = ["run", "--data", "demo", "--corpus", "savee", "--model", runs.TOY, "--results", "results",
                 "--trials", "2", "--device", "cpu"]  # fmt: skip
    full = subprocess.run(
        [sys.executable, "full.py", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert full.returncode == 2, full.stderr
    assert "seed-0" in full.stderr
    assert "cannot be written" in full.stderr
    assert "Traceback" not in full.stderr
    assert not list(record_files.find(tmp_path / "results"))
    freed = runs.command(*arguments, cwd=tmp_path)
    assert freed.returncode == 0, freed.stderr
    assert "goes on after 2 finished folds" in freed.stderr
    assert runs.evidence(tmp_path / "results") == only(undisturbed, "savee-loso/toy/seed-0")


def test_a_network_with_augmentation_is_found_again_by_its_key(tmp_path):
    """A record's key comes back from JSON; seed 1 and a second run must know it."""
    made = runs.planned(tmp_path / "results", models=("ds-cnn",), trials=1, seeds=2)
    failed, _ = runs.run(made)
    assert not failed
    again = runs.planned(tmp_path / "results", models=("ds-cnn",), trials=1, seeds=2)
    assert all(jobs.finished(job) for job in again.jobs)
