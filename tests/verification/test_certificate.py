"""What a verification says, what follows from it, and the state of a record."""

import json
from pathlib import Path

import made_up
import pytest
from msgspec.structs import replace

from benchmark.records import record_files
from benchmark.storage import canonical
from benchmark.verification import certificate
from benchmark.verification.certificate import Verification
from protocols.errors import RecordError

RECORD = made_up.record("emodb-loso", "logreg")
FILE = "f" * 64
RESULTS = Path(__file__).parents[2] / "results"


def made(**changes):
    return Verification(
        **{
            "schema": certificate.SCHEMA,
            "record": FILE,
            "predictions": RECORD.predictions,
            "largest": 0.0,
            "uar": RECORD.scores.uar,
            "recorded_uar": RECORD.scores.uar,
            "span": 0.0,
            "blind": "not tried",
            "verdict": "bit for bit",
            "by": "",
            "finished": "2030-01-01T00:00:00Z",
            "seconds": 1.0,
            "unheard": "0.1.0",
            "environment": RECORD.environment,
            **changes,
        }
    )


ELSEWHERE = replace(RECORD.environment, processor="another")
NEWER = replace(RECORD.environment, versions={**RECORD.environment.versions, "torch": "9"})
LARGER = replace(RECORD.environment, versions={**RECORD.environment.versions, "librosa": "1"})


@pytest.mark.parametrize(
    ("changes", "verdict"),
    [
        ({}, "bit for bit"),
        ({"environment": ELSEWHERE}, "bit for bit"),
        ({"blind": "identical"}, "bit for bit"),
        ({"blind": "differs"}, "differs"),
        ({"predictions": "0" * 64}, "differs"),  # here every bit is promised
        ({"predictions": "0" * 64, "environment": LARGER}, "differs"),
        ({"predictions": "0" * 64, "environment": ELSEWHERE}, "within tolerance"),
        ({"predictions": "0" * 64, "environment": NEWER, "uar": 0.111 + 0.029}, "within tolerance"),
        ({"predictions": "0" * 64, "environment": NEWER, "uar": 0.111 + 0.031}, "differs"),
        ({"predictions": "0" * 64, "environment": NEWER, "uar": 0.16, "span": 0.05}, "within tolerance"),
        (
            {"predictions": "0" * 64, "environment": ELSEWHERE, "uar": 0.05, "verdict": "bit for bit"},
            "differs",
        ),
    ],
)
def test_the_verdict_follows_from_the_numbers(changes, verdict):
    found = made(**changes)
    assert certificate.verdict(found, RECORD, span=0.05 if "span" in changes else 0.0) == verdict


def test_it_goes_round_and_has_its_place(tmp_path):
    path = record_files.place(tmp_path, "derived", "emodb-loso", "logreg", 0)
    place = certificate.place(path)
    assert place == tmp_path / "verifications" / "derived" / "emodb-loso" / "logreg" / "seed-0.json"
    assert certificate.read(place) is None
    place.parent.mkdir(parents=True)
    place.write_bytes(certificate.encode(made()))
    assert certificate.read(place) == made()
    assert list(record_files.find(tmp_path)) == []


def first_schema(**changes):
    """As the first version wrote it."""
    document = json.loads(certificate.encode(made(**changes)))
    document["said"] = document.pop("recorded_uar")
    return {**document, "schema": 1}


@pytest.mark.parametrize(
    ("old", "new"),
    [("within rule 15", "within tolerance"), ("bit for bit", "bit for bit"), ("differs", "differs")],
)
def test_a_verification_of_the_first_schema_is_read(tmp_path, old, new):
    before = {**first_schema(), "verdict": old}
    path = tmp_path / "seed-0.json"
    path.write_text(json.dumps(before))
    assert certificate.read(path) == made(verdict=new)
    after = certificate.upgraded(before)
    assert (before["schema"], before["verdict"]) == (1, old)  # left alone
    assert certificate.upgraded(after) == after
    assert canonical.encode(after) == certificate.encode(made(verdict=new))


def test_the_committed_verifications_are_read():
    found = [certificate.read(path) for path in sorted(RESULTS.glob("verifications/*/*/*/*.json"))]
    assert found
    assert all(one.schema == certificate.SCHEMA for one in found)


def test_the_names_of_the_first_schema_are_not_those_of_the_second(tmp_path):
    path = tmp_path / "seed-0.json"
    path.write_text(json.dumps({**first_schema(), "schema": 2}))
    with pytest.raises(RecordError, match="not a verification: "):
        certificate.read(path)


def test_a_record_that_was_taken_out_of_its_folders_has_no_verification():
    for path in ("/seed-0.json", "/tmp/seed-0.json", "/home/me/seed-0.json"):
        assert certificate.read(certificate.place(Path(path))) is None


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"{}", "not a verification: .*missing required field"),
        (b"[" * 10_000, "nested 10000 deep"),
        (b"[]", "not a verification: Expected `object`"),
        (certificate.encode(made(schema=3)), "schema 3 is unknown; this version reads 2"),
    ],
)
def test_what_is_no_verification(tmp_path, data, message):
    path = tmp_path / "seed-0.json"
    path.write_bytes(data)
    with pytest.raises(RecordError, match=message):
        certificate.read(path)


def test_a_link_is_no_verification(tmp_path):
    (tmp_path / "seed-0.json").symlink_to("/nowhere")
    with pytest.raises(RecordError, match="is a symbolic link"):
        certificate.read(tmp_path / "seed-0.json")


CONTRADICTIONS = {
    "another UAR of the record": ({"recorded_uar": 0.99}, "it gives the record a UAR of 0.9900, which"),
    "its predictions and another UAR": ({"uar": 0.2}, "its predictions, largest difference and UAR"),
    "its predictions and a difference": ({"largest": 0.1}, "its predictions, largest difference and"),
    "other predictions, and no difference": (
        {"predictions": "0" * 64, "environment": ELSEWHERE, "verdict": "within tolerance"},
        "its predictions, largest difference and UAR do not fit each other",
    ),
    "a wide span of its own": (
        {"predictions": "0" * 64, "environment": ELSEWHERE, "largest": 0.1, "uar": 0.9, "span": 1e9,
         "verdict": "within tolerance"},
        "its verdict is 'within tolerance', but 'differs' follows from its numbers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CONTRADICTIONS)
def test_what_contradicts_the_record_or_itself(kind):
    changes, message = CONTRADICTIONS[kind]
    found = list(certificate.contradictions(made(**changes), RECORD, span=0.0))
    assert len(found) == 1
    assert found[0].startswith(message)


def test_an_honest_verification_contradicts_nothing():
    near = {"predictions": "0" * 64, "environment": ELSEWHERE, "largest": 0.1, "uar": 0.12}
    for honest in (made(), made(**near, verdict="within tolerance")):
        assert list(certificate.contradictions(honest, RECORD, span=0.0)) == []
