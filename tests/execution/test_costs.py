"""Costs are added to finished records, once, and are the same whenever they are measured."""

import json
import math
from dataclasses import replace

import pytest
import runs

from benchmark.compute import executor
from benchmark.execution import costs, fold_data, jobs
from benchmark.models import plugins
from benchmark.records import record_files
from protocols import folds
from protocols.contract import TorchModel

pytestmark = pytest.mark.slow

MODELS = ("small-cnn", "egemaps-svm", "vit-teacher", "vit-student")


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Records without costs, of a network, an estimator, and a student with its teacher."""
    made = runs.planned(tmp_path_factory.mktemp("cost") / "results", corpora=("tess",), models=MODELS)
    failed, _ = runs.run(made)
    assert not failed
    assert all(record_files.read(job.record).cost is None for job in made.jobs)
    return made


@pytest.fixture(scope="module")
def completed(made):
    """The same with costs, by model."""
    for _, error in executor.run(costs.complete, iter(costs.wanted(made.jobs)), size=1):
        assert error is None
    return {job.plugin.info.name: (job, record_files.read(job.record)) for job in made.jobs}


def test_every_record_has_its_cost_and_nothing_else_has_changed(made, completed):
    assert costs.wanted(made.jobs) == []
    for job, record in completed.values():
        assert record.cost.by == ("fvcore" if issubclass(job.plugin.model, TorchModel) else "fitted shapes")
        assert [count.seconds for count in record.cost.counts] == [1.0, 3.0, 10.0]
        assert record.run.speed.latency > 0
        assert record.key == job.key


def test_measured_again_it_is_the_same(completed):
    for job, record in completed.values():
        plain = json.loads(job.record.read_bytes())
        job.record.write_text(json.dumps({**plain, "cost": None}))
        (again,) = costs.wanted([job])
        costs.complete(again)
        assert record_files.read(job.record).cost == record.cost


def test_of_the_folds_models_the_largest_counts(completed):
    job, record = completed["egemaps-svm"]
    vectors = record.cost.official.model["linear"] / (88 + 7 - 1)
    assert vectors == int(vectors)  # as many products with 88 features, and 6 weights each
    assert 0 < vectors <= job.corpora[0].clips


def test_training_costs_three_predictions_a_clip_and_epoch(completed):
    job, record = completed["small-cnn"]
    clips = 0
    for facts in record.folds:
        train, validation, _ = parts(job, facts.fold)
        distinct = {json.dumps(trial.params, sort_keys=True): trial for trial in facts.trials}
        clips += len(distinct) * (train - validation) * job.budget.epochs + train * facts.epochs
    assert record.cost.training == 3 * sum(record.cost.official.model.values()) * clips


def test_a_student_costs_its_teacher_too(completed):
    job, student = completed["vit-student"]
    _, teacher = completed["vit-teacher"]
    (facts,), (taught,) = student.folds, teacher.folds
    train, validation, _ = parts(job, facts.fold)
    own = len(facts.trials) * (train - validation) * job.budget.epochs + train * facts.epochs
    teachers = (train - validation + train) * taught.epochs
    assert student.cost.training == teacher.cost.training + sum(
        math.prod(part)
        for part in (
            (3, macs(student), own),
            (3, macs(teacher), teachers),
            (macs(teacher), own),
        )
    )


def test_seeds_that_search_nothing_fit_the_teacher_on_development_alone(completed):
    job, student = completed["vit-student"]
    _, teacher = completed["vit-teacher"]
    tasks = jobs.tasks(job)
    data = [fold_data.load(task, folds.load(task.protocol)) for task in tasks]
    refits = [replace(task, winner=facts) for task, facts in zip(tasks, student.folds, strict=True)]
    searched, refitted = (
        costs._training(student, teacher.cost, each, data, student.cost) for each in (tasks, refits)
    )
    train, validation, _ = parts(job, student.folds[0].fold)
    assert searched - refitted == 3 * macs(teacher) * (train - validation) * teacher.folds[0].epochs


def macs(record):
    return sum(record.cost.official.model.values())


def parts(job, number):
    """How many clips a fold trains on after its search, validates on (TESS: one inner fold), and tests."""
    data = fold_data.load(jobs.tasks(job)[job.folds.index(number)], folds.load(job.protocol.name))
    (_, validation), *others = data.parts.inner
    assert not others
    return len(data.parts.development), len(validation), len(data.parts.test)


def test_a_network_that_cannot_be_counted_is_refused_before_it_trains(tmp_path):
    (tmp_path / "odd.py").write_text(ODD)
    ran = runs.command("run", "--data", "demo", "--corpus", "savee", "--model", "odd.py",
                       "--results", "results", cwd=tmp_path)  # fmt: skip
    assert ran.returncode == 2
    assert "odd: the operation aten::linalg_inv is in no table" in ran.stderr
    assert not (tmp_path / "results").exists()


ODD = """
import torch
from protocols.contract import Features, Info, TorchModel

class Network(torch.nn.Linear):
    def forward(self, x, lengths):
        return super().forward(x.mean(1)) @ torch.linalg.inv(torch.eye(self.out_features))

class Odd(TorchModel):
    info = Info(name="odd", version="1", title="", summary="")
    @staticmethod
    def features(params):
        return Features(front_end="mfcc")
    @staticmethod
    def build(n_classes, channels, params):
        return Network(channels, n_classes)
"""


def test_plugins_may_be_counted_once(monkeypatch):
    """What the plan counts is not counted again when the run looks for what to refuse."""
    from benchmark.cost import measure

    plugin = plugins.load("ds-cnn")
    first = measure.of_network(plugin)
    monkeypatch.setattr(measure, "of", None)
    assert measure.of_network(plugin) is first
