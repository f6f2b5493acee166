"""A results folder that several machines share: what comes late, and who takes over from whom."""

import threading
import time
from pathlib import Path

import msgspec
import pytest
import runs

from benchmark.compute import executor
from benchmark.execution import fold, scheduler
from benchmark.records import record_files
from benchmark.storage import files, leases
from protocols.errors import StoreError

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


@pytest.fixture
def here(monkeypatch):
    """Folds are done in this process, as they are asked for."""

    def run(function, tasks, **_):
        for task in tasks:
            if task is None:  # another run has the job
                time.sleep(0.05)
                continue
            function(task)
            yield task, None

    monkeypatch.setattr(executor, "run", run)


@pytest.fixture
def late(monkeypatch):
    """Gives what makes the second fold's file show only after so many looks."""

    def show(looks):
        is_file, left = Path.is_file, iter(range(looks))

        def seen(path):
            hidden = path.name == "fold-01.json" and next(left, None) is not None
            return is_file(path) and not hidden

        monkeypatch.setattr(files, "LOOK", 0.01)
        monkeypatch.setattr(Path, "is_file", seen)

    return show


@pytest.mark.usefixtures("here")
def test_a_result_that_a_share_shows_late_is_waited_for(tmp_path, late):
    made = runs.planned(tmp_path / "results")
    late(30)
    assert runs.run(made)[0] == []
    assert len(record_files.read(made.jobs[0].record).folds) == 2


@pytest.mark.usefixtures("here")
def test_one_that_never_shows_is_named(tmp_path, late, monkeypatch):
    made = runs.planned(tmp_path / "results")
    late(10**9)
    monkeypatch.setattr(files, "LATE", 0.1)
    with pytest.raises(StoreError, match=r"fold-01\.json: it is written, and not seen here after 0 s"):
        runs.run(made)
    monkeypatch.undo()
    failed, events = runs.run(made, size=1)
    assert not failed
    assert [event.kind for event in events] == ["started", "finished"]  # no fold was done again


@pytest.mark.usefixtures("here")
def test_a_holder_that_was_frozen_and_wakes_does_no_harm(tmp_path, monkeypatch):
    """Two write, there is one record, and what the second is at is not swept."""
    monkeypatch.setattr(leases, "LASTS", 0.3)
    (job,) = runs.planned(tmp_path / "results").jobs
    taken, woken, kinds = threading.Event(), threading.Event(), []

    def second(event):
        """Has taken over, and is slow."""
        kinds.append(event.kind)
        if event.kind == "started":
            (job.work / "under way").touch()
            taken.set()
            woken.wait(30)

    other = threading.Thread(target=lambda: scheduler.run([job], size=1, listen=second))

    def first(event):
        """Is frozen after its first fold, until the other has taken over."""
        if event.kind == "fold" and event.done == 1:
            held[0].marker._stop_heartbeat()
            other.start()
            assert taken.wait(30)

    take, held = leases.Lease.take, []

    def remembered(lease):
        held.append(lease)
        return take(lease)

    monkeypatch.setattr(leases.Lease, "take", remembered)
    assert scheduler.run([job], size=1, listen=first) == []
    written = job.record.read_bytes()
    assert (job.work / "under way").exists()  # it was the other's to sweep
    woken.set()
    other.join()
    assert kinds == ["elsewhere", "started", "fold", "finished"]
    assert job.record.read_bytes() == written
    assert not job.work.exists()
    assert not runs.litter(tmp_path / "results")


@pytest.mark.usefixtures("here")
def test_a_record_says_where_each_of_its_folds_was_done(tmp_path, monkeypatch):
    made = runs.planned(tmp_path / "results", folds=(0, 1, 2))
    read = fold.read

    def elsewhere(path):
        result = read(path)
        if result.facts.fold != 1:
            return result
        other = msgspec.structs.replace(result.environment, processor="another")
        return msgspec.structs.replace(result, environment=other)

    monkeypatch.setattr(fold, "read", elsewhere)
    assert runs.run(made)[0] == []
    record = record_files.read(made.jobs[0].record)
    assert record.environment.processor != "another"
    assert [each.processor == "another" for each in record.run.environments] == [False, True, False]
    assert {each.commit for each in record.run.environments} == {record.environment.commit}
