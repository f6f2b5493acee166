"""`list`: tables for people, JSON for programs."""

import json

import pytest

DONE, FAILED, WRONG = 0, 1, 2


pytestmark = pytest.mark.usefixtures("here")


def test_list_protocols_shows_what_each_takes_and_keeps_apart(call):
    code, out, _ = call("list", "protocols", "--json")
    assert code == DONE
    [row] = [row for row in json.loads(out) if row["name"] == "savee-loso"]
    assert (row["corpora"], row["apart"]) == (["savee"], ["speaker"])
    assert (row["folds"], row["ranks"], row["leaks"]) == (4, True, "no")
    shown = call("list", "protocols")[1]
    assert "apart" in shown
    assert "savee-loso: Leave one speaker out (4 folds)" in shown


@pytest.mark.parametrize("what", ["suites", "protocols", "models", "corpora"])
def test_json_is_all_there_is_on_standard_output(call, what):
    code, out, _ = call("list", what, "--json")
    assert code == DONE
    rows = json.loads(out)
    assert all(row["name"] for row in rows)
    assert call("list", what)[0] == DONE
