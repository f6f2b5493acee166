"""The state of a record where it lies, and its verification: invalid, stale, recomputed or verified."""

import honest
import pytest
import split_files
from honest import change
from msgspec.structs import replace

from benchmark.execution import record_key
from benchmark.records import record_files
from benchmark.verification import judgement, seeds, submission
from protocols import folds


def test_an_honest_record_of_a_model_that_is_not_installed_holds(drawn):
    found = judgement.judge(drawn)
    assert (found.state, found.problems) == ("recomputed", [])


@pytest.fixture
def old(drawn, monkeypatch):
    """A record that an earlier version of the engine has made."""
    monkeypatch.setattr(record_key, "TRAINING_VERSION", record_key.TRAINING_VERSION + 1)
    return drawn


def test_a_record_of_another_engine_is_stale_and_still_holds(old):
    for fold in range(4):
        change(old, "folds", fold, "params", "c", 5.0)  # no best trial of today's rules
    found = judgement.judge(old)
    assert (found.state, found.problems) == ("stale", [])
    assert found.outdated[0].startswith("its engine is version ")


@pytest.mark.parametrize(
    "steps",
    [
        ("scores", "uar", 0.99),
        ("corpora", 0, "digest", "official"),
        ("folds", 0, "params", "c", 5000.0),
        ("predictions", "0" * 64),
        ("folds", 0, "test", ["KL"]),
    ],
)
def test_a_stale_record_is_invalid_where_what_still_applies_does_not_hold(old, steps):
    change(old, *steps)
    assert judgement.judge(old).state == "invalid"


def test_a_verification_does_not_make_a_stale_record_more(old):
    honest.verify(old)
    assert judgement.judge(old).state == "stale"


def test_a_record_of_an_unknown_protocol_is_neither_checked_nor_invalid(drawn):
    change(drawn, "protocol", "name", "not-here")
    found = judgement.judge(drawn)
    assert found.state == "self-reported"
    assert "there is no 'not-here'" in found.problems[0]


def test_a_verification_is_believed_by_its_numbers(drawn):
    honest.verify(drawn)
    assert judgement.judge(drawn).state == "verified"


FORGED = {
    "predictions": "0" * 64,
    "largest": 0.3,
    "uar": 0.14,
    "span": 1e9,
    "verdict": "within tolerance",
}


def test_a_span_is_that_of_the_seeds_that_lie_beside(drawn):
    elsewhere = replace(record_files.read(drawn).environment, processor="another")
    honest.verify(drawn, **FORGED, environment=elsewhere)
    found = judgement.judge(drawn)
    assert found.state == "recomputed"
    assert found.notes[0].startswith("its verification does not count: its verdict is 'within tolerance'")
    for blind, words in (("not tried", "refitted, it came out differently: UAR 0.1400, not "),
                         ("differs", "refitted in a sandbox without labels, it came out")):  # fmt: skip
        honest.verify(drawn, **{**FORGED, "verdict": "differs", "blind": blind}, environment=elsewhere)
        found = judgement.judge(drawn)
        assert found.state == "invalid"
        assert found.problems[0].startswith(words)
        assert judgement.judge(drawn, trusted=lambda _: False).state == "recomputed"
    uar = record_files.read(drawn).scores.uar
    honest.verify(drawn, **{**FORGED, "uar": uar - 0.1}, environment=elsewhere)
    assert judgement.judge(drawn).state == "recomputed"
    honest.write(drawn.parents[3], seed=1, skill=1)  # far worse: so wide are seeds
    found = judgement.judge(drawn)
    assert found.state == "verified"
    assert found.notes[0].endswith("which only the range of its seeds allows: refit these too")
    change(drawn.with_name("seed-1.json"), "scores", "uar", 0.0)  # of a seed that does not hold
    assert judgement.judge(drawn).state == "recomputed"


def test_a_seed_of_other_settings_does_not_count_in_the_span(drawn):
    second = honest.write(drawn.parents[3], seed=1, skill=1)
    for fold in range(4):
        change(second, "folds", fold, "trials", [])
    found = submission.read(second)
    assert seeds.span(found) > 0.1
    change(drawn, "key", "recipe", {})
    assert seeds.span(found) == 0


def test_a_seed_that_does_not_count_does_not_count_in_the_span(drawn):
    found = submission.read(drawn)
    honest.write(drawn.parents[3], seed=3, skill=1)
    assert seeds.span(found) == 0


def test_a_verification_that_contradicts_the_record_counts_for_nothing(drawn):
    honest.verify(drawn, recorded_uar=0.99)
    found = judgement.judge(drawn)
    assert found.state == "recomputed"
    assert found.notes[0].startswith("its verification does not count: it gives the record a UAR of 0.9900")


def test_a_damaged_verification_is_a_note_and_the_record_still_holds(drawn):
    honest.verify(drawn).write_text('{"schema": 2, "schema": 2}')
    found = judgement.judge(drawn)
    assert (found.state, found.problems) == ("recomputed", [])
    assert "the name 'schema' comes twice" in found.notes[0]


def test_one_that_did_not_come_with_what_is_trusted_does_not_count(drawn):
    honest.verify(drawn)
    found = judgement.judge(drawn, trusted=lambda _: False)
    assert found.state == "recomputed"
    assert found.notes[0].startswith("its verification came with it and does not count")


@pytest.fixture
def superseded(drawn, tmp_path, monkeypatch):
    """A record of version 1 of savee-loso, once there is a version 2: two speakers a fold."""
    pairs = [["DC", "JE"], ["JK", "KL"]]
    path = split_files.write(
        tmp_path,
        "savee-loso",
        version=2,
        corpora=["savee"],
        overall=True,
        folds=[
            {"test": {"speakers": one}, "validation": [{"speakers": [speaker]} for speaker in other]}
            for one, other in (pairs, pairs[::-1])
        ],
    )
    installed = folds._installed
    monkeypatch.setattr(folds, "_installed", lambda name: path if name == "savee-loso" else installed(name))
    return drawn


def test_a_new_version_of_a_protocol_makes_its_records_stale(superseded):
    """The procedure of docs/maintaining.md: older records still have to hold by themselves."""
    found = judgement.judge(superseded)
    assert (found.state, found.problems) == ("stale", [])
    assert found.outdated[0].startswith("its split is not savee-loso version 2 (")
    change(superseded, "folds", 0, "test", ["KL"])
    assert judgement.judge(superseded).state == "invalid"


def test_a_model_that_is_not_installed_is_noted(drawn):
    assert judgement.judge(drawn).notes[-1].startswith("its model is not installed: what it declares, ")
