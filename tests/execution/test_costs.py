"""Costs are added to finished records, once, and are the same whenever they are measured."""

import json
from dataclasses import replace

import pytest
import runs

from benchmark.compute import executor
from benchmark.execution import costs, fold_data, jobs, record_cost
from benchmark.models import plugins
from benchmark.records import record_files
from protocols import folds
from protocols.contract import TorchModel

pytestmark = pytest.mark.slow

PAIR = """
import torch
from protocols.contract import Augmentation, Features, Info, Recipe, TorchModel

class Network(torch.nn.Module):
    def __init__(self, channels, n_classes, depth):
        super().__init__()
        self.body = torch.nn.Sequential(
            torch.nn.Linear(channels, 8), *(torch.nn.Linear(8, 8) for _ in range(depth))
        )
        self.head = torch.nn.Linear(8, n_classes)

    def embed(self, x, lengths):
        return self.body(x).mean(1)

    def forward(self, x, lengths):
        return self.head(self.embed(x, lengths))

class Teacher(TorchModel):
    info = Info(name="teacher", version="1", title="", summary="")
    defaults = {"learning_rate": 1e-3}
    depth = 2

    @staticmethod
    def features(params):
        return Features(front_end="mfcc", copies=1, augmentation=(Augmentation("gain", -6, 6),))

    @classmethod
    def build(cls, n_classes, channels, params):
        return Network(channels, n_classes, cls.depth)

    @staticmethod
    def space(trial):
        return {"learning_rate": trial.suggest_float("learning_rate", 1e-4, 1e-2, log=True)}

    @staticmethod
    def recipe(params):
        return Recipe(epochs=4, learning_rate=params["learning_rate"], copies="all")
"""
STUDENT = """
from protocols.contract import Info, Recipe
from teacher import Teacher

class Student(Teacher):
    info = Info(name="student", version="1", title="", summary="", needs={"teacher": "teacher.py"})
    depth = 0

    @staticmethod
    def recipe(params):
        return Recipe(learning_rate=params["learning_rate"], distillation=1.0, distillation_epochs=1)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Records without costs, of a network, an estimator, and a student with its teacher."""
    folder = tmp_path_factory.mktemp("cost")
    (folder / "teacher.py").write_text(PAIR)
    (folder / "student.py").write_text(STUDENT)
    models = ("small-cnn", "egemaps-svm", str(folder / "student.py"))
    made = runs.planned(folder / "results", corpora=("tess",), models=models)
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
        trained = [epochs for trial in distinct.values() for epochs in trial.trained]
        assert trained[0] == job.budget.epochs  # the model's own setting is never cut short
        clips += sum(trained) * (train - validation) + train * facts.epochs
    rows = 5 * clips  # each clip and its four copies
    assert record.cost.training == 3 * sum(record.cost.official.model.values()) * rows


def test_a_student_costs_its_teacher_too(completed):
    job, student = completed["student"]
    _, teacher = completed["teacher"]
    own, teachers = 0, 0
    for facts, taught in zip(student.folds, teacher.folds, strict=True):
        train, validation, _ = parts(job, facts.fold)
        own += sum(sum(trial.trained) for trial in facts.trials) * (train - validation) + train * facts.epochs
        teachers += 2 * (train - validation + train) * taught.epochs  # each clip and its copy
    learnt = 3 * macs(student) * own + 3 * macs(teacher) * teachers + macs(teacher) * own
    assert student.cost.training == teacher.cost.training + learnt


def test_seeds_that_search_nothing_fit_the_teacher_on_development_alone(completed):
    job, student = completed["student"]
    _, teacher = completed["teacher"]
    tasks = jobs.tasks(job)
    data = [fold_data.load(task, folds.load(task.protocol)) for task in tasks]
    refits = [replace(task, winner=facts) for task, facts in zip(tasks, student.folds, strict=True)]
    searched, refitted = (
        record_cost.training(student, teacher.cost, each, data, student.cost) for each in (tasks, refits)
    )
    inner = 0
    for facts in teacher.folds:
        train, validation, _ = parts(job, facts.fold)
        inner += 2 * (train - validation) * facts.epochs
    assert searched - refitted == 3 * macs(teacher) * inner


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
