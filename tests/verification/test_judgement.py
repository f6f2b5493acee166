"""What a reviewer is shown of a record's verification."""

import hashlib
from types import SimpleNamespace

import honest
import made_up
import numpy as np
from msgspec.structs import replace

from benchmark.execution import record_key
from benchmark.models import plugins
from benchmark.records import record_files
from benchmark.records.prediction_table import Predictions
from benchmark.storage import files
from benchmark.verification import certificate, judgement, submission
from benchmark.verification.certificate import Verification

OWN = "verified by its own submitter, 'Ada'"


def notes(tmp_path, *, submitter, by):
    """Those on a verification by `by` of a record of `submitter`."""
    made = made_up.record("savee-loso")
    made = replace(made, run=replace(made.run, submitter=submitter))
    path = record_files.place(tmp_path, made.board, made.protocol.name, made.model.name, made.seed)
    record_files.write(path, made, Predictions([], np.zeros(0, dtype=int), np.zeros((0, 7))))
    found = Verification(
        schema=certificate.SCHEMA, record=hashlib.sha256(path.read_bytes()).hexdigest(),
        predictions=made.predictions, largest=0.0, uar=made.scores.uar, recorded_uar=made.scores.uar,
        span=0.0, blind="not tried", verdict="bit for bit", by=by, finished="2030-01-01T00:00:00Z",
        seconds=1.0, unheard="0.1.0", environment=made.environment,
    )  # fmt: skip
    files.write(certificate.place(path), certificate.encode(found))
    return judgement.judge(path).notes


def test_a_verification_by_the_record_s_own_submitter_is_noted(tmp_path):
    assert OWN in notes(tmp_path, submitter="Ada", by="Ada")


def test_one_by_somebody_else_or_nobody_named_is_not(tmp_path):
    assert not [note for note in notes(tmp_path / "a", submitter="Ada", by="Bob") if "own submitter" in note]
    assert not [note for note in notes(tmp_path / "b", submitter="", by="") if "own submitter" in note]


def test_a_student_s_teacher_is_looked_for(tmp_path, monkeypatch):
    path, teacher = (honest.write(tmp_path, model=name) for name in ("a-student", "a-teacher"))

    def taught():
        student = SimpleNamespace(teacher="a-teacher")
        return list(judgement._taught(submission.read(path), student))

    other = SimpleNamespace(info=SimpleNamespace(name="a-teacher"))
    monkeypatch.setattr(plugins, "teacher_of", lambda _: other)
    assert taught() == ["its teacher is another than the a-teacher whose record is here"]
    honest.change(path, "key", "teacher", record_key.of_teacher(record_files.read(teacher).key))
    assert taught() == []
    honest.change(teacher, "predictions", "0" * 64)
    assert taught() == ["its teacher's record, a-teacher, does not hold"]
    teacher.unlink()
    assert taught() == ["its teacher is a-teacher, of which no readable seed-0.json is here"]
    assert list(judgement._taught(submission.read(path), SimpleNamespace(teacher=""))) == []
