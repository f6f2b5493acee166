"""What a job is, when it is done, and what its key is made of."""

import json

import pytest
import runs
from msgspec.structs import replace

from benchmark.execution import jobs, record_key
from benchmark.records import record_files
from protocols.errors import UnheardError


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """A finished run of two seeds of the toy: its plan."""
    made = runs.planned(tmp_path_factory.mktemp("jobs") / "results", seeds=2)
    failed, _ = runs.run(made)
    assert not failed
    return made


def test_names_and_places(done):
    first, second = done.jobs
    assert [job.name for job in done.jobs] == ["savee-loso toy seed 0", "savee-loso toy seed 1"]
    assert first.record == done.results / "synthetic/savee-loso/toy/seed-0.json"
    assert second.leader == first.record
    assert first.work != second.work
    assert first.folds == [0, 1]


def test_a_finished_job_is_known_by_its_key(done, tmp_path):
    assert all(jobs.finished(job) for job in done.jobs)
    elsewhere = runs.planned(tmp_path).jobs[0]
    assert not jobs.finished(elsewhere)
    other = runs.planned(done.results, trials=3).jobs[0]
    assert not jobs.finished(other)


def test_a_record_without_its_predictions_is_not_finished(done):
    job = done.jobs[1]
    predictions = record_files.predictions_place(job.record)
    kept = predictions.read_bytes()
    predictions.unlink()
    try:
        assert not jobs.finished(job)
    finally:
        predictions.write_bytes(kept)
    assert jobs.finished(job)


def test_another_key_is_refused_and_the_part_that_differs_named(done):
    other = runs.planned(done.results, trials=3)
    jobs.refuse_other_keys(done.jobs)
    with pytest.raises(UnheardError, match=r"seed-0\.json was made with other settings") as error:
        jobs.refuse_other_keys(other.jobs)
    assert "budget: {'epochs': 2, 'folds': [0, 1], 'trials': 2} -> " in str(error.value)
    assert "--force" in str(error.value)


def test_a_record_of_another_key_without_its_predictions_is_not_replaced_either(done, tmp_path):
    other = runs.planned(tmp_path, trials=3).jobs
    other[0].record.parent.mkdir(parents=True)
    other[0].record.write_bytes(done.jobs[0].record.read_bytes())
    with pytest.raises(UnheardError, match=r"seed-0\.json was made with other settings"):
        jobs.refuse_other_keys(other)


def test_the_key_names_everything_that_decides(done):
    job = done.jobs[0]
    assert set(job.key) == {
        "protocol", "corpus copy", "model", "model source", "features", "space", "defaults", "budget", "seed",
        "other seeds", "numerics", "versions", "training",
    }  # fmt: skip
    assert set(job.key["versions"]) == {"torch", "numpy", "scikit-learn"}
    assert json.loads(json.dumps(job.key)) == job.key
    assert job.key["features"]["options"]["n_mfcc"] == 20


def test_a_networks_recipe_is_in_its_key(tmp_path):
    job = runs.planned(tmp_path, models=("small-cnn",), compute=False).jobs[0]
    assert job.key["recipe"]["epochs"] == 20


def test_differences_are_told_in_lines():
    assert record_key.differences({"a": 1, "b": 2}, {"a": 1, "b": 3, "c": "x" * 99}) == [
        "b: 2 -> 3",
        f"c: None -> {'x' * 57}...",
    ]


def test_other_seeds_are_given_the_winners_of_seed_0_where_they_have_epochs(done, monkeypatch):
    first, second = done.jobs
    assert [task.winner for job in done.jobs for task in jobs.tasks(job)] == [None] * 4  # all search
    leader = record_files.read(first.record)
    trained = [replace(leader.folds[0], epochs=7), leader.folds[1]]
    monkeypatch.setattr(record_files, "read", lambda _path: replace(leader, folds=trained))
    assert [task.winner for task in jobs.tasks(second)] == [trained[0], None]
    assert [task.winner for task in jobs.tasks(first)] == [None, None]
    assert jobs.led(second)


def test_the_leader_must_have_the_same_settings(done):
    other = runs.planned(done.results, trials=3, seeds=2).jobs[1]
    assert other.leader.is_file()
    assert not jobs.led(other)


def test_budgets_and_seeds_share_their_inner_fits_and_nothing_else_does(tmp_path):
    def fits(**more):
        return runs.planned(tmp_path / "results", compute=False, **more).jobs[-1].fits

    shared = fits()
    assert fits(trials=7) == fits(seeds=2) == fits(folds=(1,)) == shared
    assert len({shared, fits(models=("prior",)), fits(corpora=("tess",))}) == 3
