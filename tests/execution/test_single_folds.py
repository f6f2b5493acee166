"""Folds that were done apart, as on several machines, join into the whole record."""

import dataclasses
import shutil

import msgspec
import pytest
import runs

from benchmark.execution import jobs, record_key
from benchmark.records import record_files
from protocols.errors import UnheardError

SAVEE = 4  # its folds


def planned(results, *folds):
    """One job of the toy on the embedded SAVEE; with no folds named, of all."""
    made = runs.planned(results, trials=1, folds=folds or (0,))
    [job] = made.jobs
    budget = msgspec.structs.replace(job.budget, folds=list(folds) or None)
    return dataclasses.replace(made, jobs=[dataclasses.replace(job, budget=budget)])


def run(made):
    failed, events = runs.run(made, size=1)
    assert not failed, events
    return events


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The whole record, made at once."""
    results = tmp_path_factory.mktemp("once") / "results"
    run(planned(results))
    return results


@pytest.fixture(scope="module")
def apart(tmp_path_factory):
    """Each fold done by itself, and all results folders copied into one."""
    home = tmp_path_factory.mktemp("apart")
    for fold in range(SAVEE):
        run(planned(home / f"{fold}", fold))
        shutil.copytree(home / f"{fold}", home / "all", dirs_exist_ok=True)
    return home / "all"


@pytest.fixture
def copied(apart, tmp_path):
    return shutil.copytree(apart, tmp_path / "results")


def test_they_join_without_training(copied, once):
    made = planned(copied)
    jobs.refuse_other_keys(made.jobs)  # the record of one fold gives way
    events = run(made)
    assert [(event.kind, event.done) for event in events] == [("started", SAVEE), ("finished", SAVEE)]
    assert runs.evidence(copied) == runs.evidence(once)
    assert not list(copied.rglob("*.fold"))  # they are in the record


def test_what_is_not_there_is_done(copied, once):
    made = planned(copied)
    made.jobs[0].part(2).unlink()
    assert run(made)[0].done == SAVEE - 1
    assert runs.evidence(copied) == runs.evidence(once)


def test_a_damaged_fold_is_named(copied):
    made = planned(copied)
    part = made.jobs[0].part(1)
    part.write_bytes(part.read_bytes().replace(b"1", b"2"))
    failed, events = runs.run(made, size=1)
    assert failed == made.jobs
    assert events[-1].detail == f"{part}: damaged. Remove it and run the same command again."
    part.unlink()
    run(made)


def test_a_record_of_a_fold_gives_way_where_the_fold_is_kept(copied):
    [other] = planned(copied, 0).jobs
    assert record_files.read(other.record).budget.folds == [SAVEE - 1]
    jobs.refuse_other_keys([other])
    other.part(SAVEE - 1).unlink()
    with pytest.raises(UnheardError, match="made with other settings"):
        jobs.refuse_other_keys([other])


def test_the_whole_gives_way_to_no_part(once):
    with pytest.raises(UnheardError, match="made with other settings"):
        jobs.refuse_other_keys(planned(once, 0).jobs)


def test_other_trials_or_seeds_are_other_folds(tmp_path):
    job = planned(tmp_path, 0).jobs[0]
    more = msgspec.structs.replace(job.budget, trials=2)
    places = [
        job.part(0),
        dataclasses.replace(job, budget=more).part(0),
        dataclasses.replace(job, seed=1).part(0),
    ]
    assert len(set(places)) == 3
    assert job.part(0) == dataclasses.replace(job, budget=planned(tmp_path).jobs[0].budget).part(0)


def test_a_student_is_the_same_whichever_folds_its_teacher_has():
    teachers = [{"model": "t 1", "budget": {"trials": 5, "folds": folds}} for folds in (None, [0], [1, 2])]
    assert len({record_key.of_teacher(key) for key in teachers}) == 1
    fewer = {"model": "t 1", "budget": {"trials": 4, "folds": [0]}}
    assert record_key.of_teacher(fewer) != record_key.of_teacher(teachers[0])
    assert record_key.of_teacher({"model": "t 1"}).startswith("t 1 ")
