"""The verb `speed`."""

import json

import pytest

from benchmark.cli import main
from benchmark.speed import comparison, comparisons, noise

pytestmark = pytest.mark.usefixtures("as_in_a_worker")


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    for module, name, value in (
        (comparison, "BUDGET", 0.0),
        (noise, "CLIPS", 14),
        (noise, "EPOCHS", 1),
    ):
        monkeypatch.setattr(module, name, value)


def test_the_verb_tells_people_and_programs(capsys):
    asked = ["speed", "--model", "small-cnn", "--model", "prior", "--device", "cpu"]
    assert main.main([*asked, "--only", "stack"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "stack, on" in out
    assert "small-cnn" in out
    assert main.main([*asked, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in document] == [one.name for one in comparisons.ALL if one.default]
    for one in document:
        [row] = one["rows"]
        assert row["subject"] == "small-cnn"
        assert row["ratio"] == pytest.approx(row["other"] / row["ours"])


def test_an_unknown_comparison_is_a_wrong_request(capsys):
    assert main.main(["speed", "--only", "walk"]) == 2
    names = "fit or stack or features or memory or second-run or site"
    assert f"--only walk: there is no such comparison. Name {names}." in capsys.readouterr().err
