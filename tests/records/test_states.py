"""The state of a record, and what makes it stale."""

import made_up
import pytest
from msgspec.structs import replace

from benchmark.records import states
from protocols import folds

TODAY = folds.load("emodb-loso")
RECORD = replace(made_up.record("emodb-loso", "logreg"), key={"training": 7})


@pytest.mark.parametrize(
    ("outdated", "problems", "verified", "state"),
    [
        ([], None, False, "self-reported"),
        ([], None, True, "self-reported"),
        ([], [], False, "recomputed"),
        ([], [], True, "verified"),
        ([], ["its labels are wrong"], True, "invalid"),
        (["an old engine"], [], True, "stale"),
        (["an old engine"], None, False, "stale"),
        (["an old engine"], ["its labels are wrong"], True, "invalid"),
    ],
)
def test_the_state(outdated, problems, verified, state):
    assert states.state(outdated=outdated, problems=problems, verified=verified) == state


@pytest.mark.parametrize(
    ("protocol", "key", "engine", "source", "reason"),
    [
        ({}, {}, 7, None, ""),
        ({}, {}, 7, RECORD.model.source, ""),
        ({"version": 2}, {}, 7, None, "its split is not emodb-loso version 1"),
        ({"digest": "0" * 64}, {}, 7, None, "its split is not emodb-loso version 1"),
        ({}, {}, 8, None, "its engine is version 7, today's is 8"),
        ({}, {}, 6, None, "its engine is version 7, today's is 6"),
        ({}, {"training": None}, 7, None, "its engine is version None, today's is 7"),
        ({}, {}, 7, "1" * 64, "its source is not that of the logreg that is installed"),
    ],
)
def test_what_is_not_todays(protocol, key, engine, source, reason):
    record = replace(RECORD, protocol=replace(RECORD.protocol, **protocol), key={**RECORD.key, **key})
    found = states.outdated(record, protocol=TODAY, engine=engine, source=source)
    assert [reason] == [one[: len(reason)] for one in found] if reason else found == []


def test_of_what_is_not_installed_nobody_knows():
    old = replace(RECORD, protocol=replace(RECORD.protocol, digest="0" * 64))
    assert states.outdated(old, protocol=None, engine=7, source=None) == []


def test_the_weakest_state():
    assert states.weakest(["verified", "recomputed", "verified"]) == "recomputed"
    assert states.weakest(["verified", "stale"]) == "stale"
    assert states.weakest(["stale", "invalid", "self-reported"]) == "invalid"
    assert states.weakest([]) == "self-reported"
