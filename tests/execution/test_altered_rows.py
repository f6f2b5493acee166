"""Protocols whose rows are clips and altered copies, without a search: from the plan to the record."""

import json
import shutil

import numpy as np
import pytest
import runs
import split_files
from honest import change

from benchmark.audio import augmentation
from benchmark.execution import fold_data, jobs, plan, record_cost, stacked_folds, workload
from benchmark.execution.request import Request
from benchmark.features import feature_store
from benchmark.records import prediction_table, record_files
from benchmark.verification import checks, submission
from benchmark.verification.submission import Known
from protocols import folds
from protocols.errors import UnheardError

NETWORK = "small-cnn"  # it has augmented copies of its own


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two seeds of the toy and of a network, of which five trials are asked for."""
    file = split_files.with_twins(tmp_path_factory.mktemp("split"))
    results = tmp_path_factory.mktemp("run") / "results"
    models = (runs.TOY, NETWORK)
    found = runs.planned(results, corpora=(), protocols=(str(file),), models=models, trials=5, seeds=2)
    assert not runs.run(found)[0]
    return found


def job_of(made, model, seed=0):
    (job,) = (job for job in made.jobs if (job.plugin.info.name, job.seed) == (model, seed))
    return job


@pytest.fixture(scope="module")
def data(made):
    (task,) = jobs.tasks(job_of(made, NETWORK))
    return fold_data.load(task, folds.load(task.protocol))


def test_a_row_is_given_as_the_copy_that_it_is(made, data):
    stores = [feature_store.load(home, data.features) for home in job_of(made, NETWORK).homes]
    assert len(stores) == 3
    rows = data.parts.development
    given = data.train(rows)
    assert given.copies == []  # the model's own are off
    for array, row in zip(given.inputs, [data.clips[row] for row in rows], strict=True):
        (wanted,) = stores[row.copy].inputs([row.clip.partition("#")[0]], frames=given.frames)
        np.testing.assert_array_equal(array, wanted, strict=True)
    each = [store.inputs(["DC_a01"])[0] for store in stores]
    assert not any(np.array_equal(one, other) for one, other in zip(each, each[1:] + each[:1], strict=True))
    assert {data.clips[row].copy for row in data.parts.test} == {0, 1, 2}


def test_the_record_of_a_model_in_its_own_setting(made, data):
    for model, epochs in (("toy", None), (NETWORK, 2)):  # the embedded corpora's epochs
        job = job_of(made, model)
        record = record_files.read(job.record)
        assert record.budget.trials == record.key["budget"]["trials"] == 1
        (facts,) = record.folds
        assert (facts.trials, facts.pooled, facts.inner_uar, facts.temperature) == ([], [], None, 1.0)
        assert (facts.params, facts.epochs) == (dict(job.plugin.model.defaults), epochs)
        assert sum(record.run.fitted.values()) == 1
        steps = augmentation.identity(job.protocol.augmentation)
        assert record.key["rows"] == json.loads(json.dumps({"copies": 2, "augmentation": steps}))
        table, _ = prediction_table.read(record_files.predictions_place(job.record), record.labels)
        assert table.clips == [data.clips[row].clip for row in data.parts.test]


def test_other_seeds_differ_in_their_fit_alone(made):
    first, second = (record_files.read(job_of(made, NETWORK, seed).record) for seed in (0, 1))
    assert first.folds == second.folds
    assert first.predictions != second.predictions


def wrong(made, path):
    protocol = made.jobs[0].protocol
    return checks.problems(submission.read(path, Known(protocols={protocol.name: protocol})))


def copied(made, model, folder):
    results = shutil.copytree(made.results, folder / "results")
    return results / job_of(made, model).record.relative_to(made.results)


def test_the_records_hold(made):
    networks = [job for job in made.jobs if job.plugin.info.name == NETWORK]
    assert [wrong(made, job.record) for job in networks] == [[], []]


@pytest.mark.parametrize(
    ("change_", "problem"),
    [
        (("inner_uar", 0.5), "it states a search, but its protocol has none"),
        (("temperature", 2.0), "its setting is not the model's own, uncalibrated"),
        (("epochs", 1), "it trained for 1 epochs; without a search it is 2"),
    ],
)
def test_a_record_that_states_a_search_does_not_hold(made, tmp_path, change_, problem):
    path = copied(made, NETWORK, tmp_path)
    change(path, "folds", 0, *change_)
    assert wrong(made, path) == [f"fold 0: {problem}"]


def test_trials_without_a_search(made, tmp_path):
    path = copied(made, NETWORK, tmp_path)
    for block in (("budget",), ("key", "budget")):
        change(path, *block, "trials", 4)
    assert wrong(made, path) == ["its budget is 4 trials, but its protocol has no search"]


def test_how_much_work_it_is(made, data):
    job, learnt = job_of(made, NETWORK), len(data.parts.development)
    assert job.plugin.rows(job.plugin.model.defaults) > 1  # elsewhere an epoch has copies of its own
    (facts,) = record_files.read(job.record).folds
    assert record_cost._fits(data, facts) == [2 * learnt]
    every = folds.population(job.protocol).rows  # of the whole corpus, of which the embedded one is a part
    whole = folds.split(job.protocol, job.protocol.folds[0], every)
    assert workload.of(job, 0) == workload.Workload(fits=1, learning=2 * len(whole.development))


def test_as_many_networks_in_a_stack_as_there_are_fits():
    assert stacked_folds._width(folds.load("emodb-as-published")) == 1
    assert stacked_folds._width(folds.load("savee-loso")) == 5 * 4 * 3


def test_a_way_to_alter_clips_that_there_is_not(tmp_path):
    echo = {"augmentation": [{"kind": "echo", "low": 0, "high": 1}]}
    wanted = Request(protocols=[str(split_files.with_twins(tmp_path, "odd", **echo))], models=["prior"])
    with pytest.raises(UnheardError, match=r"^odd: there is no augmentation 'echo' here; known: noise"):
        plan.make(wanted)
