"""A teacher is fitted on exactly the clips that its student's fit is given, by its own search, once."""

import dataclasses
import json
import shutil
from collections import Counter
from pathlib import Path

import msgspec
import numpy as np
import pytest
import runs

from benchmark.checks import supervisor
from benchmark.execution import assembly, fold, fold_data, jobs, plan
from benchmark.execution.request import Request
from benchmark.records import record_files
from protocols import registry
from protocols.errors import PluginError

pytestmark = pytest.mark.slow

TOYS = """
import dataclasses

import numpy as np
from toy_model import Toy, _digests, _note


class Teacher(Toy):
    info = dataclasses.replace(Toy.info, name="toy-teacher", pretraining=("LibriSpeech",))

    def fit(self, train, validation=None, **more):
        _note("teach", train, validation)
        return super().fit(train, validation, **more)

    def state(self):
        means = np.asfortranarray(self.means)  # another order in memory, the same array
        return {"means": means, "scale": self.scale, "jitter": self.jitter}

    def load_state(self, state):
        self.means, self.scale, self.jitter = state["means"], state["scale"], state["jitter"]


class Student(Toy):
    info = dataclasses.replace(Toy.info, name="toy-student", needs={"teacher": "toy-teacher"})

    def fit(self, train, validation=None, *, context=None, **more):
        said = context["teacher"].predict_proba(dataclasses.replace(train, labels=None, speakers=None))
        self.sharpness *= float(np.log(said.max(axis=1).mean() + 2))
        return super().fit(train, validation, **more)
"""


@pytest.fixture(autouse=True)
def toys(install, tmp_path, monkeypatch):
    """An installed package with a teacher and its student, who keep a diary."""
    here = str(Path(runs.TOY).parent)
    monkeypatch.syspath_prepend(here)
    install("taught_toys", TOYS, {"toy-teacher": "Teacher", "toy-student": "Student"})
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'lib'}:{here}")  # for the workers


def test_asking_for_a_student_asks_for_its_teacher(tmp_path):
    made = runs.planned(tmp_path / "results", models=("toy-student",), compute=False, seeds=2)
    assert [(job.plugin.info.name, job.seed) for job in made.jobs] == [
        ("toy-teacher", 0),
        ("toy-teacher", 1),
        ("toy-student", 0),
        ("toy-student", 1),
    ]
    assert all(job.teacher is made.jobs[0] for job in made.jobs[2:])
    other = runs.planned(tmp_path / "results", models=("toy-student",), compute=False, trials=7)
    assert made.jobs[2].key["teacher"] != other.jobs[1].key["teacher"]  # another teacher, another student


def test_no_valid_or_test_clip_reaches_the_teacher(tmp_path, monkeypatch):
    made = runs.planned(tmp_path / "results", models=("toy-student",), trials=3)
    failed, _ = runs.run(made)
    assert not failed
    student = made.jobs[1]
    records_before = runs.evidence(tmp_path / "results")
    diary = tmp_path / "diary"
    monkeypatch.setenv("TOY_DIARY", str(diary))
    shutil.rmtree(student.fits)
    for task in jobs.tasks(student):
        fold.run(task)
        lines = [json.loads(line) for line in diary.read_text().splitlines()]
        diary.unlink()
        data = fold_data.load(task, fold.folds.load(task.protocol))
        inner = [digests(data, train) for train, _ in data.parts.inner]
        taught = [Counter(line["clips"]) for line in lines if line["what"] == "teach"]
        assert taught == [*inner, digests(data, data.parts.development)]  # each once, whatever the trials
        assert all(line["validation"] is None for line in lines if line["what"] == "teach")
        for (_, validation), heard in zip(data.parts.inner, taught, strict=False):
            assert not heard & digests(data, validation)
        assert not any(heard & digests(data, data.parts.test) for heard in taught)
    results = [fold.read(task.result) for task in jobs.tasks(student)]
    record_files.write(student.record, *assembly.assemble(student, results))
    assert runs.evidence(tmp_path / "results") == records_before  # here as in the workers
    assert record_files.read(student.record).model.pretraining == ["LibriSpeech"]  # as its teacher


def test_a_teachers_work_is_part_of_its_students(tmp_path):
    made = runs.planned(tmp_path / "results", models=("toy-student",))
    teacher, student = made.jobs
    assert not runs.run(dataclasses.replace(made, jobs=[teacher]))[0]
    record = json.loads(teacher.record.read_bytes())
    record["run"] |= {"seconds": 1000.0, "joules": 50.0}
    teacher.record.write_text(json.dumps(record))
    for task in jobs.tasks(student):
        fold.run(task)
    results = [fold.read(task.result) for task in jobs.tasks(student)]
    for result in results:
        result.seconds, result.joules = 1.0, 2.0
    run = assembly.assemble(student, results)[0].run
    assert (run.seconds, run.joules) == (1000 + len(results), 50 + 2 * len(results))


@pytest.mark.parametrize("folder", ["", "{}/"], ids=["beside its student's", "anywhere"])
def test_a_teacher_may_be_a_file(tmp_path, monkeypatch, folder):
    monkeypatch.chdir(tmp_path)
    top, student = TOYS.split("class Student")
    (tmp_path / "teacher.py").write_text(top)
    path = tmp_path / "student.py"
    path.write_text(
        top.partition("class Teacher")[0]
        + "class Student"
        + student.replace('"toy-teacher"', repr(f"{folder.format(tmp_path)}teacher.py"))
    )
    assert not [verdict for verdict in supervisor.check(str(path)) if verdict.broken]
    for asked in ([str(path)], ["./student.py", "./teacher.py"]):
        made = runs.planned(tmp_path / "results", models=asked, compute=False)
        assert [job.plugin.info.name for job in made.jobs] == ["toy-teacher", "toy-student"]
        assert made.jobs[1].teacher is made.jobs[0]


def digests(data, rows):
    import toy_model

    return Counter(toy_model._digests(data.hidden(rows)))


def forget(task):
    """All but the teachers."""
    for path in (task.result, *task.work.glob("*.fit"), *task.fits.glob("*.round")):
        path.unlink()


def test_a_killed_student_finds_the_teachers_that_were_fitted(tmp_path, monkeypatch):
    made = runs.planned(tmp_path / "results", models=("toy-student",), trials=2)
    teacher, student = made.jobs
    assert not runs.run(dataclasses.replace(made, jobs=[teacher]))[0]
    task = jobs.tasks(student)[0]
    fold.run(task)
    whole = fold.read(task.result)
    forget(task)
    monkeypatch.setenv("TOY_DIARY", str(tmp_path / "diary"))
    fold.run(task)
    lines = [json.loads(line)["what"] for line in (tmp_path / "diary").read_text().splitlines()]
    assert "teach" not in lines
    assert msgspec.structs.replace(fold.read(task.result), seconds=whole.seconds) == whole
    (damaged, *_) = sorted(task.work.glob("teacher-*.safetensors"))
    kept = damaged.read_bytes()
    for half in (kept[:20], kept[:-1] + bytes([kept[-1] ^ 1])):  # the other is still a state
        damaged.write_bytes(half)
        forget(task)
        fold.run(task)
        assert damaged.read_bytes() == kept
        assert msgspec.structs.replace(fold.read(task.result), seconds=whole.seconds) == whole


def test_without_its_teacher_a_student_fails_by_name(tmp_path, monkeypatch):
    monkeypatch.setenv("TOY_TROUBLE", "raise")
    made = runs.planned(tmp_path / "results", models=("toy-student",))
    failed, events = runs.run(made)
    assert failed == made.jobs
    assert any("its teacher has failed: savee-loso toy-teacher seed 0" in event.detail for event in events)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('needs={"teacher": "toy-student"}', "odd: its teacher toy-student needs a teacher itself"),
        ('needs={"teacher": "small-cnn"}', "odd: its teacher small-cnn has another front end"),
        ('needs={"pupil": "prior"}', "needs 'pupil'; the engine only knows how to give a \"teacher\""),
        ('needs={"teacher": "nobody"}', "there is no 'nobody'"),
    ],
)
def test_needs_that_cannot_be_met(tmp_path, source, message):
    path = tmp_path / "odd.py"
    path.write_text(
        "import dataclasses\nimport toy_model\n"
        "class Odd(toy_model.Toy):\n"
        f"    info = dataclasses.replace(toy_model.Toy.info, name='odd', {source})\n"
    )
    with pytest.raises(Exception, match=message) as error:
        plan.make(Request(models=[str(path)], corpora=["savee"], results=tmp_path / "results"))
    assert isinstance(error.value, PluginError | registry.RegistryError)


def test_teachers_are_numbers_not_objects(tmp_path):
    """What a worker is given can be read from the disk: a task has nothing but plain data."""
    made = runs.planned(tmp_path / "results", models=("toy-student",), trials=1)
    assert not runs.run(dataclasses.replace(made, jobs=made.jobs[:1]))[0]
    teacher = jobs.tasks(made.jobs[1])[0].teacher
    assert teacher.model == "toy-teacher"
    assert teacher.winner.params == {"sharpness": 1.0}
    assert np.isfinite(teacher.winner.temperature)
