"""`verify` as a person and a program meet it."""

import json

import honest
import pytest
from honest import change

from benchmark.cli.main import main
from benchmark.records.states import MEANING


@pytest.fixture
def results(tmp_path):
    return tmp_path / "results"


@pytest.fixture
def record(results):
    return honest.write(results)


def test_verify_says_that_good_records_hold(record, results, capsys):
    assert main(["verify", "--results", str(results)]) == 0
    first, *notes, counted, meaning = capsys.readouterr().out.splitlines()
    assert first == f"recomputed     {record}"
    assert notes[0] == "notes, for a reviewer to judge:"
    assert counted == "1 record: 1 recomputed"
    assert meaning == f"  recomputed  {MEANING['recomputed']}"
    assert "not checked: whether the model makes these predictions" in MEANING["recomputed"]


def test_verify_gives_one_json_document(record, results, capsys):
    change(record, "scores", "uar", lambda uar: round(uar + 1e-6, 6))
    assert main(["verify", "--json", "--results", str(results)]) == 2
    found = json.loads(capsys.readouterr().out)
    assert found["states"] == {"invalid": 1}
    (entry,) = found["records"].values()
    assert len(entry["problems"]) == 1
    assert (entry["state"], entry["verification"]) == ("invalid", None)


def test_what_a_terminal_would_obey_is_not_printed(record, capsys):
    change(record, "model", "version", "\x1b[2J")
    assert main(["verify", str(record)]) == 2
    assert "\x1b" not in capsys.readouterr().out


def test_verify_without_records(tmp_path, capsys):
    assert main(["verify", "--results", str(tmp_path)]) == 2
    assert f"error: {tmp_path}: holds no records." in capsys.readouterr().err
